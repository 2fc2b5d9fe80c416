package handover.riscv;

/**
 * Where addresses led when they were entered last: what a {@link FetchTlb} knows of regions.
 * Direct-mapped. It holds while nothing is withdrawn.
 */
final class Entrances {
  /** One of them, all in one place of the host's memory: a guest comes by every few nanoseconds. */
  static final class Entrance {
    private long pc = NOWHERE;
    private long stamp;

    /** The region's. */
    TranslatedCode code;

    int entry;
    int offset;
    boolean floats;

    private void lead(long address, Region region, long now) {
      pc = address;
      stamp = now;
      code = region.code;
      entry = region.entry;
      offset = region.offset;
      floats = region.floats;
    }

    private void forget() {
      pc = NOWHERE;
      code = null;
    }
  }

  /** No instruction begins at an odd address. */
  private static final long NOWHERE = 1;

  /** So many that two hot places seldom fall on one: finding the way anew costs some 50 ns. */
  private static final int COUNT = 4096;

  private final Entrance[] known = new Entrance[COUNT];
  private long stamp = 1;

  private static int index(long pc) {
    return (int) (pc >>> 1 ^ pc >>> 11);
  }

  /** Where {@code pc} led last, or null if something was withdrawn since. */
  Entrance at(long pc) {
    Entrance entrance = known[index(pc) & known.length - 1];
    return entrance != null && entrance.pc == pc && entrance.stamp == stamp ? entrance : null;
  }

  /** Remembers where {@code pc} leads. */
  Entrance remember(long pc, Region region) {
    int i = index(pc) & COUNT - 1;
    if (known[i] == null) {
      known[i] = new Entrance();
    }
    known[i].lead(pc, region, stamp);
    return known[i];
  }

  /** A mapping was withdrawn, or is to be compared: all lead nowhere until they are found again. */
  void withdraw() {
    stamp++;
  }

  /** Lets the regions go, so that the JVM can unload what was dropped. */
  void flush() {
    withdraw();
    for (Entrance entrance : known) {
      if (entrance != null) {
        entrance.forget();
      }
    }
  }
}
