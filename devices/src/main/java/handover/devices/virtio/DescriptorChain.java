package handover.devices.virtio;

/**
 * One buffer the driver made available: readable bytes first, then writable ones (virtio 1.2,
 * 2.6.4.2). Reused by its queue: valid until pushed back. Offsets count bytes through the segments.
 */
public interface DescriptorChain {
  /** Index of the chain's head descriptor. */
  int head();

  /** Bytes the device may read. */
  int readable();

  /** Bytes the device may write. */
  int writable();

  /** Copies readable bytes {@code [from, from + length)} of the chain into {@code into}. */
  void read(int from, byte[] into, int offset, int length);

  /** Copies bytes into the chain's writable part, beginning at its byte {@code to}. */
  void write(int to, byte[] source, int offset, int length);
}
