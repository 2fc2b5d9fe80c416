package handover.machine;

import handover.riscv.Hart;
import java.util.List;

/**
 * One platform thread per hart, and the gate they wait at.
 *
 * <p>Any number of parties may hold the harts at once; they run while nobody does. A party on a
 * hart thread must not hold: it would wait for itself.
 */
final class HartThreads {
  private final List<Hart> harts;
  private int holds = 1;
  private int parked;
  private boolean quitting;

  /** Starts the threads; the harts are held once, by the caller. */
  HartThreads(List<Hart> harts) {
    this.harts = harts;
    for (Hart hart : harts) {
      Thread.ofPlatform().name("hart-" + hart.id()).daemon(true).start(() -> live(hart));
    }
    awaitParked();
  }

  /** Brings every hart to an instruction boundary and keeps it there until {@link #release}. */
  synchronized void hold() {
    holds++;
    harts.forEach(Hart::requestExit);
    awaitParked();
  }

  /** Undoes one {@link #hold}. */
  synchronized void release() {
    holds--;
    notifyAll();
  }

  /** Lets the threads end. */
  synchronized void quit() {
    quitting = true;
    harts.forEach(Hart::requestExit);
    notifyAll();
  }

  private synchronized void awaitParked() {
    boolean interrupted = false;
    while (parked < harts.size() && !quitting) {
      try {
        wait();
      } catch (InterruptedException e) {
        // The harts are on their way to a boundary; giving up here would leave them half held.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void live(Hart hart) {
    while (pass(hart)) {
      hart.run();
    }
  }

  /** Waits while held; false when it is time to end. */
  private synchronized boolean pass(Hart hart) {
    parked++;
    notifyAll();
    while (holds > 0 && !quitting) {
      try {
        wait();
      } catch (InterruptedException e) {
        return false;
      }
    }
    parked--;
    hart.clearExitRequest();
    return !quitting;
  }
}
