package handover.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * What Linux's scheduler is told about threads of this process; none of it needs a privilege. A
 * host that cannot be told does as it always did.
 */
public final class Scheduling {
  /** {@code struct sched_attr} of Linux 3.14: size, policy, flags, nice, priority, runtime. */
  private static final long ATTRIBUTES = 48;

  private static final long RUNTIME = 24;

  private static final long SHORT_TURN_NANOS = 300_000;

  /** Bytes of a set of processors: 8192 of them, as many as Linux can be built for. */
  private static final long MASK = 1024;

  private Scheduling() {}

  /**
   * The calling thread is wanted as soon as it is woken, whoever works then, and is soon done:
   * Linux 6.12 and later let it interrupt a thread whose turns are longer (sched_setattr(2)). Its
   * turns are of 0.3 ms instead of 1.4 and more.
   */
  public static void shortTurns() {
    if (!Libc.supported()) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      if (Libc.schedulingOf(0, attributes) == 0) {
        attributes.set(ValueLayout.JAVA_LONG, RUNTIME, SHORT_TURN_NANOS);
        var unused = Libc.schedule(0, attributes);
      }
    }
  }

  /** Processors that the calling thread may run on, by their numbers; none if that is not told. */
  public static BitSet processors() {
    if (Libc.supported()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mask = arena.allocate(MASK, 8);
        if (Libc.affinityOf(0, mask) >= 0) {
          return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        }
      }
    }
    return new BitSet();
  }

  /**
   * Keeps a thread to some processors from now on (sched_setaffinity(2)).
   *
   * @param thread its number in {@code /proc/self/task}; 0 is the calling one
   * @param processors their numbers, as {@link #processors} tells them
   */
  public static void keep(int thread, BitSet processors) {
    if (Libc.supported()) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mask = arena.allocate(MASK, 8);
        mask.copyFrom(MemorySegment.ofArray(processors.toLongArray()));
        var unused = Libc.confine(thread, mask);
      }
    }
  }
}
