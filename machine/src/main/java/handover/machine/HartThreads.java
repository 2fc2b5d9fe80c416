package handover.machine;

import handover.riscv.Hart;
import handover.riscv.HartGroup;
import java.util.List;

/**
 * One platform thread per hart, and the gate they wait at.
 *
 * <p>Any number of parties may hold the harts at once; they run while nobody does. A party on a
 * hart thread must not hold: it would wait for itself.
 *
 * <p>A hart that sleeps in WFI is at the gate already. Holding it wakes nobody, neither its thread
 * nor, from there, the party's: two wake-ups less while a guest stands still.
 */
final class HartThreads {
  private static final System.Logger LOG = System.getLogger(HartThreads.class.getName());

  private final List<Hart> harts;
  private final boolean[] asleep;
  private final HartGroup group;
  private final Runnable onFailure;
  private boolean failed;
  private int holds = 1;
  private int parked;
  private boolean quitting;

  /**
   * Starts the threads; the harts are held once, by the caller.
   *
   * @param harts numbered from 0
   * @param group what they share
   * @param begin done first by each hart's thread
   * @param onFailure told, on a hart's thread, that a hart broke down; all stand still from then on
   */
  HartThreads(List<Hart> harts, HartGroup group, Runnable begin, Runnable onFailure) {
    this.harts = harts;
    this.asleep = new boolean[harts.size()];
    this.group = group;
    this.onFailure = onFailure;
    group.held(true);
    for (Hart hart : harts) {
      hart.onSleep(new Sleep(hart.id()));
      Thread.ofPlatform().name("hart-" + hart.id()).daemon(true).start(() -> live(hart, begin));
    }
    awaitParked();
  }

  /** Brings every hart to an instruction boundary and keeps it there until {@link #release}. */
  synchronized void hold() {
    holds++;
    group.held(true);
    for (Hart hart : harts) {
      if (!asleep[hart.id()]) {
        hart.requestExit();
      }
    }
    awaitParked();
  }

  /** Undoes one {@link #hold}. */
  synchronized void release() {
    holds--;
    if (holds == 0) {
      group.held(false);
      notifyAll();
      // What a sleeper waits for may have come with a state that was loaded meanwhile.
      harts.forEach(Hart::rouse);
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

  private void live(Hart hart, Runnable begin) {
    begin.run();
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
    arrive();
    leave();
    hart.clearExitRequest();
    return !quitting;
  }

  private void arrive() {
    parked++;
    notifyAll();
  }

  /** Waits while held. Nobody interrupts a hart's thread; if somebody did, it would still wait. */
  private void leave() {
    boolean interrupted = false;
    while ((holds > 0 || failed) && !quitting) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    parked--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A hart's WFI, which it leaves only while nobody holds. */
  private final class Sleep implements Hart.Sleep {
    private final int hart;

    Sleep(int hart) {
      this.hart = hart;
    }

    @Override
    public void begins() {
      synchronized (HartThreads.this) {
        asleep[hart] = true;
        arrive();
      }
    }

    @Override
    public void ends() {
      synchronized (HartThreads.this) {
        asleep[hart] = false;
        leave();
      }
    }
  }
}
