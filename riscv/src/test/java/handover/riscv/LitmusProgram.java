package handover.riscv;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A litmus test: what each hart does to shared locations that begin as zero, and an outcome that
 * the memory model forbids (unprivileged specification, chapter "RVWMO Memory Consistency Model").
 *
 * @param name edges and orders around the cycle that the outcome would be
 * @param harts the accesses of each, in program order, at most {@link #LOADS} loads among them
 * @param forbidden true of an outcome that must not be seen
 */
record LitmusProgram(String name, List<List<Access>> harts, Predicate<Outcome> forbidden) {
  static final int LOADS = 3;
  static final int LOCATIONS = 4;

  /**
   * One access of eight bytes.
   *
   * @param value what is stored; -1 for a load
   * @param after what orders it behind the access before it; null for nothing
   */
  record Access(int location, int value, LitmusOrder after) {
    static Access load(int location) {
      return new Access(location, -1, null);
    }

    static Access store(int location, int value) {
      return new Access(location, value, null);
    }

    boolean stores() {
      return value >= 0;
    }

    Access after(LitmusOrder order) {
      return new Access(location, value, order);
    }
  }

  /** What was seen: loads by hart and number, locations in the end. */
  interface Outcome {
    long load(int hart, int number);

    long last(int location);
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * One location, nothing else in order: every hart sees its values in one order (rules 1 to 3 and
   * the load value axiom).
   */
  static List<LitmusProgram> coherence() {
    List<Access> one = List.of(Access.store(0, 1));
    List<LitmusProgram> programs = new ArrayList<>();
    programs.add(
        new LitmusProgram(
            "CoRR",
            List.of(one, List.of(Access.load(0), Access.load(0), Access.load(0))),
            o ->
                o.load(1, 0) > o.load(1, 1)
                    || o.load(1, 1) > o.load(1, 2)
                    || o.load(1, 0) > o.load(1, 2)));
    programs.add(
        new LitmusProgram(
            "CoWW",
            List.of(List.of(Access.store(0, 1), Access.store(0, 2)), List.of(Access.load(0))),
            o -> o.last(0) != 2));
    programs.add(
        new LitmusProgram(
            "CoRW",
            List.of(one, List.of(Access.load(0), Access.store(0, 2))),
            o -> o.load(1, 0) == 2 || o.load(1, 0) == 1 && o.last(0) == 1));
    programs.add(
        new LitmusProgram(
            "CoWR",
            List.of(one, List.of(Access.store(0, 2), Access.load(0))),
            o -> o.load(1, 0) == 0 || o.load(1, 0) == 1 && o.last(0) == 2));
    return programs;
  }

  /** Store buffering without any fence: its outcome is allowed, and real processors show it. */
  static LitmusProgram storeBuffering() {
    return new LitmusProgram(
        "SB without fences",
        List.of(
            List.of(Access.store(0, 1), Access.load(1)),
            List.of(Access.store(1, 1), Access.load(0))),
        o -> o.load(0, 0) == 0 && o.load(1, 0) == 0);
  }
}
