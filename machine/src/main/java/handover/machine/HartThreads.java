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
  private static final System.Logger LOG = System.getLogger(HartThreads.class.getName());

  private final List<Hart> harts;
  private final Runnable onFailure;
  private boolean failed;
  private int holds = 1;
  private int parked;
  private boolean quitting;

  /**
   * Starts the threads; the harts are held once, by the caller.
   *
   * @param onFailure told, on a hart's thread, that a hart broke down; all stand still from then on
   */
  HartThreads(List<Hart> harts, Runnable onFailure) {
    this.harts = harts;
    this.onFailure = onFailure;
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
    if (holds == 0) {
      notifyAll();
    }
  }

  /** Forgets that a hart broke down: the harts were reset. */
  synchronized void recover() {
    failed = false;
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
      try {
        hart.run();
      } catch (RuntimeException | Error e) {
        // A fault of ours, not the guest's. A thread that ended would leave holders waiting
        // forever.
        fail(hart, e);
      }
    }
  }

  private void fail(Hart hart, Throwable cause) {
    LOG.log(System.Logger.Level.ERROR, "hart " + hart.id() + " broke down", cause);
    synchronized (this) {
      failed = true;
      harts.forEach(Hart::requestExit);
    }
    onFailure.run();
  }

  /** Waits while held; false when it is time to end. */
  private synchronized boolean pass(Hart hart) {
    parked++;
    notifyAll();
    while ((holds > 0 || failed) && !quitting) {
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
