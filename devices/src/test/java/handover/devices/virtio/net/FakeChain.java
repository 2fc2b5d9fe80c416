package handover.devices.virtio.net;

import handover.devices.virtio.DescriptorChain;

/** A chain in host memory. */
final class FakeChain implements DescriptorChain {
  final byte[] answer;
  private final byte[] request;

  FakeChain(byte[] request, int room) {
    this.request = request;
    this.answer = new byte[room];
    java.util.Arrays.fill(answer, (byte) 0x55);
  }

  @Override
  public int head() {
    return 0;
  }

  @Override
  public int readable() {
    return request.length;
  }

  @Override
  public int writable() {
    return answer.length;
  }

  @Override
  public void read(int from, byte[] into, int offset, int length) {
    System.arraycopy(request, from, into, offset, length);
  }

  @Override
  public void write(int to, byte[] source, int offset, int length) {
    System.arraycopy(source, offset, answer, to, length);
  }
}
