package handover.riscv;

/**
 * The accesses to memory of one execution, in order, so that a second one can be given the same
 * values and checked for the same accesses ({@link Lockstep}).
 */
final class Journal {
  private static final int LOAD = 1;
  private static final int STORE = 2;
  private static final int ATOMIC = 3;
  private static final int FAULT = 4;

  private final Trap trap;
  private long[] words = new long[4096];
  private int written;
  private int read;
  private boolean replaying;

  Journal(Trap trap) {
    this.trap = trap;
  }

  /** Forgets everything and begins to note. */
  void record() {
    written = 0;
    replaying = false;
  }

  /** From now on what was noted is given back. */
  void replay() {
    read = 0;
    replaying = true;
  }

  boolean replaying() {
    return replaying;
  }

  // ---- noting

  void loaded(long virtual, int bytes, long value) {
    note(LOAD, virtual, bytes, value);
  }

  void stored(long virtual, int bytes, long value) {
    note(STORE, virtual, bytes, value);
  }

  /** What an atomic operation left in its destination and as the reservation. */
  void operated(long decoded, long result, long reservation, long reservedValue) {
    note(ATOMIC, decoded, 0, result);
    note(ATOMIC, reservation, 0, reservedValue);
  }

  /** The access at hand trapped. */
  void faulted(Trap t) {
    note(FAULT, t.value(), t.cause(), 0);
  }

  private void note(int kind, long place, int detail, long value) {
    if (written + 3 > words.length) {
      words = java.util.Arrays.copyOf(words, words.length * 2);
    }
    words[written++] = (long) detail << 8 | kind;
    words[written++] = place;
    words[written++] = value;
  }

  // ---- giving back

  long load(long virtual, int bytes) {
    return next(LOAD, virtual, bytes);
  }

  void store(long virtual, int bytes, long value) {
    long stored = next(STORE, virtual, bytes);
    if (stored != value) {
      throw new IllegalStateException(
          "store to 0x%x: 0x%x translated, 0x%x interpreted".formatted(virtual, stored, value));
    }
  }

  /** The result of an atomic operation; {@link #place} and {@link #value} have the reservation. */
  long operate(long decoded) {
    long result = next(ATOMIC, decoded, 0);
    read += 3;
    return result;
  }

  /** The address of the entry last given back. */
  long place() {
    return words[read - 2];
  }

  /** The value of the entry last given back. */
  long value() {
    return words[read - 1];
  }

  private long next(int kind, long place, int detail) {
    if (read == written) {
      throw new IllegalStateException(
          "only the interpreter accesses memory at 0x%x".formatted(place));
    }
    int noted = (int) words[read] & 0xff;
    int notedDetail = (int) (words[read] >>> 8);
    read += 3;
    if (noted == FAULT) {
      throw trap.with(notedDetail, place());
    }
    if (noted != kind || place() != place || notedDetail != detail) {
      throw new IllegalStateException(
          "accesses differ: kind %d at 0x%x, %d bytes translated, kind %d at 0x%x, %d interpreted"
              .formatted(noted, place(), notedDetail, kind, place, detail));
    }
    return value();
  }

  /** Whether the second execution has made all accesses of the first. */
  boolean complete() {
    return read == written;
  }

  /** How far the second execution got, in words. */
  String missed() {
    return "made " + read / 3 + " of " + written / 3 + " accesses";
  }
}
