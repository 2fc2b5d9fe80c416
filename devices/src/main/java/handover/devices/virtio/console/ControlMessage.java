package handover.devices.virtio.console;

import handover.devices.virtio.DescriptorChain;

/**
 * A message on a control queue (virtio 1.2, 5.3.6.2): port, event, value, little-endian, and for
 * some events more bytes.
 */
record ControlMessage(long port, int event, int value, byte[] more) {
  private static final int BYTES = 8;

  /** Reads one from a chain; what is too short for one has an event that does not exist. */
  static ControlMessage read(DescriptorChain chain) {
    byte[] bytes = new byte[BYTES];
    if (chain.readable() < BYTES) {
      return new ControlMessage(0, -1, 0, new byte[0]);
    }
    chain.read(0, bytes, 0, BYTES);
    long port = 0;
    for (int i = 3; i >= 0; i--) {
      port = port << 8 | bytes[i] & 0xff;
    }
    return new ControlMessage(port, u16(bytes, 4), u16(bytes, 6), new byte[0]);
  }

  private static int u16(byte[] bytes, int at) {
    return bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
  }

  /** Writes as much as fits; returns how much that was. */
  int write(DescriptorChain chain) {
    byte[] bytes = new byte[BYTES + more.length];
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) (port >> 8 * i);
    }
    bytes[4] = (byte) event;
    bytes[5] = (byte) (event >> 8);
    bytes[6] = (byte) value;
    bytes[7] = (byte) (value >> 8);
    System.arraycopy(more, 0, bytes, BYTES, more.length);
    int fits = Math.min(bytes.length, chain.writable());
    chain.write(0, bytes, 0, fits);
    return fits;
  }
}
