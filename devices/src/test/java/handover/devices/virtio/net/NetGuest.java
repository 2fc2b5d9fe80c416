package handover.devices.virtio.net;

import handover.devices.virtio.TestGuest;
import handover.devices.virtio.TestRing;
import handover.devices.virtio.TestRing.Piece;
import handover.memory.GuestMemory;
import java.util.Arrays;
import java.util.Optional;

/** A guest with one of our network devices on a wire the test holds. */
final class NetGuest implements AutoCloseable {
  static final int RX = 0;
  static final int TX = 1;
  static final int CONTROL = 2;

  final Wire wire;
  final TestGuest guest;
  final VirtioNet device;

  NetGuest(String options) {
    this(new Wire(), options);
  }

  NetGuest(GuestMemory memory, String options) {
    this(memory, new Wire(), options);
  }

  NetGuest(Wire wire, String options) {
    this(new TestGuest(), wire, options);
  }

  NetGuest(GuestMemory memory, Wire wire, String options) {
    this(new TestGuest(memory), wire, options);
  }

  private NetGuest(TestGuest guest, Wire wire, String options) {
    this.guest = guest;
    this.wire = wire;
    this.device =
        VirtioNet.create(
                OurMachine.parse("netdev=n0" + options),
                0,
                id -> Optional.of(wire),
                guest.memory(),
                problem -> {
                  throw new AssertionError(problem);
                })
            .orElseThrow();
    guest.plug(device, false);
  }

  /** Initialises the device with everything it offers but {@code without}. */
  NetGuest start(long without, int... ringSizes) {
    guest.start(~without, ringSizes);
    return this;
  }

  /** Gives the device receive buffers. */
  void buffers(int queue, int count, int bytes) {
    for (int i = 0; i < count; i++) {
      guest.ring(queue).add(Piece.in(bytes));
    }
    guest.kick(queue);
  }

  /** Transmits a packet behind a header and waits until the device has taken it. */
  void transmit(int queue, byte[] header, byte[] packet) {
    guest.ring(queue).add(Piece.out(header), Piece.out(packet));
    guest.kick(queue);
    guest.ring(queue).await();
  }

  /** Sends a control command; returns its answer. */
  int command(int queue, int... request) {
    byte[] bytes = new byte[request.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) request[i];
    }
    guest.ring(queue).add(Piece.out(bytes), Piece.in(1));
    guest.kick(queue);
    return guest.ring(queue).await().written()[0];
  }

  /** The next received frame, put together from its buffers. */
  byte[] receive(int queue) {
    TestRing ring = guest.ring(queue);
    byte[] first = ring.await().written();
    byte[] frame = Arrays.copyOfRange(first, NetHeader.BYTES, first.length);
    for (int i = 1; i < NetHeader.u16(first, NetHeader.NUM_BUFFERS); i++) {
      byte[] more = ring.await().written();
      int end = frame.length;
      frame = Arrays.copyOf(frame, end + more.length);
      System.arraycopy(more, 0, frame, end, more.length);
    }
    return frame;
  }

  /** A broadcast frame with a recognisable payload. */
  static byte[] frame(int number, int length) {
    byte[] frame = new byte[length];
    for (int i = 0; i < length; i++) {
      frame[i] = (byte) (number + i * 31);
    }
    Arrays.fill(frame, 0, 6, (byte) 0xff);
    frame[12] = (byte) 0x88;
    frame[13] = (byte) 0xb5;
    return frame;
  }

  @Override
  public void close() {
    device.close();
  }
}
