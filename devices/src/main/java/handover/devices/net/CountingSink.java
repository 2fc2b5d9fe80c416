package handover.devices.net;

/** Counts what passes, and stops what is too short to be an Ethernet frame. */
final class CountingSink implements Netdev.FrameSink {
  private static final int ETHERNET_HEADER = 14;

  private final Netdev.FrameSink next;
  private final FrameCounters counters;

  CountingSink(Netdev.FrameSink next, FrameCounters counters) {
    this.next = next;
    this.counters = counters;
  }

  @Override
  public boolean deliver(byte[] frame, int offset, int length) {
    return counters.received(
        length >= ETHERNET_HEADER && next.deliver(frame, offset, length), length);
  }

  @Override
  public void endOfBatch() {
    next.endOfBatch();
  }
}
