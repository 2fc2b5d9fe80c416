package handover.devices.virtio.net;

import java.util.function.IntConsumer;

/**
 * Interrupts that {@link Coalescing} puts off. Each is raised at its deadline, when enough chains
 * were used, or when the device falls quiet, whichever is first: never is one lost, and none is
 * part of a saved state. Used under the device's lock.
 */
final class DeferredInterrupts {
  /** No interrupt waits. */
  static final long NEVER = Long.MAX_VALUE;

  /** A driver's microseconds may be 2^32; no interrupt waits longer than this. */
  private static final long MOST_NANOS = 1_000_000_000L;

  private final Coalescing wish;
  private final IntConsumer raise;
  private final long[] chains;
  private final long[] deadlines;
  private long next = NEVER;
  private int waiting;

  DeferredInterrupts(Coalescing wish, IntConsumer raise) {
    this.wish = wish;
    this.raise = raise;
    this.chains = new long[wish.packets.length];
    this.deadlines = new long[wish.packets.length];
  }

  /**
   * Chains of a queue were published.
   *
   * @param wanted whether the driver wants to be interrupted for them
   * @return whether this takes care of the interrupt
   */
  boolean published(int queue, int count, boolean wanted, long now) {
    if (queue >= chains.length || chains[queue] == 0 && !wanted) {
      return false;
    }
    if (chains[queue] == 0) {
      long microseconds = wish.microseconds[queue] & 0xffff_ffffL;
      if (microseconds == 0) {
        return false;
      }
      deadlines[queue] = now + Math.min(microseconds * 1000, MOST_NANOS);
      wake(deadlines[queue]);
      waiting++;
    }
    chains[queue] += count;
    long most = wish.packets[queue] & 0xffff_ffffL;
    if (most != 0 && chains[queue] >= most) {
      fire(queue);
    }
    return true;
  }

  /** No later than the first deadline of those that wait, or {@link #NEVER}. */
  long nextDeadline() {
    return next;
  }

  /** Raises what is due; the next deadline, or {@link #NEVER}. */
  long expire(long now) {
    for (int i = 0; waiting > 0 && i < chains.length; i++) {
      if (chains[i] != 0 && deadlines[i] - now <= 0) {
        fire(i);
      }
    }
    next = NEVER;
    for (int i = 0; waiting > 0 && i < chains.length; i++) {
      if (chains[i] != 0) {
        wake(deadlines[i]);
      }
    }
    return next;
  }

  private void wake(long deadline) {
    if (next == NEVER || deadline - next < 0) {
      next = deadline;
    }
  }

  /** Raises everything that waits. */
  void flush() {
    for (int i = 0; waiting > 0 && i < chains.length; i++) {
      if (chains[i] != 0) {
        fire(i);
      }
    }
  }

  /** Forgets everything that waits, for a device that is reset. */
  void clear() {
    java.util.Arrays.fill(chains, 0);
    waiting = 0;
  }

  /** Forgets what waits for one queue, which is reset. */
  void clear(int queue) {
    if (queue < chains.length && chains[queue] != 0) {
      chains[queue] = 0;
      waiting--;
    }
  }

  private void fire(int queue) {
    clear(queue);
    raise.accept(queue);
  }
}
