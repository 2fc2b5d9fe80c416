package handover.devices.vhost;

import handover.memory.EventFd;
import java.io.IOException;
import java.util.function.IntConsumer;

/**
 * The events of each ring: the driver's kicks on their way to the back end, and the back end's
 * calls for interrupts. The latter count only while the rings are live.
 *
 * <p>Calls are taken and passed on under this object's monitor, so that none is between the two
 * when {@link #end} returns.
 */
final class VhostEvents implements AutoCloseable {
  private final EventFd[] kicks;
  private final EventFd[] calls;
  private final IntConsumer interrupt;
  private boolean live;

  /**
   * Makes the events of so many rings.
   *
   * @param interrupt raises an interrupt for a ring; must not wait
   */
  VhostEvents(int rings, IntConsumer interrupt) throws IOException {
    this.interrupt = interrupt;
    this.kicks = new EventFd[rings];
    this.calls = new EventFd[rings];
    for (int i = 0; i < rings; i++) {
      kicks[i] = EventFd.create();
      calls[i] = EventFd.create();
    }
  }

  int rings() {
    return kicks.length;
  }

  /** Kicks the back end. Any thread; never waits. */
  void kick(int ring) {
    kicks[ring].raise();
  }

  int kickDescriptor(int ring) {
    return kicks[ring].fd();
  }

  int callDescriptor(int ring) {
    return calls[ring].fd();
  }

  /** Calls count from now on; older ones, and kicks nobody has taken, are forgotten. */
  synchronized void begin() {
    for (int i = 0; i < rings(); i++) {
      kicks[i].take();
      calls[i].take();
    }
    live = true;
  }

  /** The back end may have called. */
  synchronized void called(int ring) {
    if (calls[ring].take() && live) {
      interrupt.accept(ring);
    }
  }

  /** The rings are stopped, or their driver is gone: the last calls are passed on, or forgotten. */
  synchronized void end(boolean passOn) {
    for (int i = 0; i < rings(); i++) {
      if (calls[i].take() && live && passOn) {
        interrupt.accept(i);
      }
    }
    live = false;
  }

  @Override
  public void close() {
    for (int i = 0; i < rings(); i++) {
      kicks[i].close();
      calls[i].close();
    }
  }
}
