package handover.devices.net;

import java.util.concurrent.atomic.LongAdder;

/** The counters behind {@link FrameCounts}; any thread may add. */
final class FrameCounters {
  private final LongAdder framesSent = new LongAdder();
  private final LongAdder bytesSent = new LongAdder();
  private final LongAdder framesReceived = new LongAdder();
  private final LongAdder bytesReceived = new LongAdder();
  private final LongAdder sendDrops = new LongAdder();
  private final LongAdder receiveDrops = new LongAdder();

  boolean sent(boolean taken, int bytes) {
    if (taken) {
      framesSent.increment();
      bytesSent.add(bytes);
    } else {
      sendDrops.increment();
    }
    return taken;
  }

  boolean received(boolean taken, int bytes) {
    framesReceived.increment();
    bytesReceived.add(bytes);
    if (!taken) {
      receiveDrops.increment();
    }
    return taken;
  }

  FrameCounts counts() {
    return new FrameCounts(
        framesSent.sum(),
        bytesSent.sum(),
        framesReceived.sum(),
        bytesReceived.sum(),
        sendDrops.sum(),
        receiveDrops.sum());
  }
}
