package handover.migration;

import handover.vmstate.DeclaredState;
import handover.vmstate.IterativeMigration;
import handover.vmstate.StateComparison;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says of two machines, neither of which runs, whether a stream of the one loads in the other, and
 * back. What two Handovers would refuse is found by the comparison they make themselves ({@link
 * Agreement}); that a section's fields differ, which they see only as a digest or not at all, is
 * found by comparing the declarations.
 */
public final class DumpComparison {
  /** What a difference means for a move in one direction, worst last. */
  public enum Effect {
    /** It loads all the same. */
    NONE,
    /** It loads, but the device moves in the classic form, with the guest stopped. */
    CLASSIC,
    /** It loads unless the guest brought the device into a state that needs what differs. */
    CONDITIONAL,
    /** It does not load. */
    BREAKS
  }

  /**
   * One difference between machines A and B.
   *
   * @param device the section; empty for the machine itself
   * @param group group of the field; empty if it is in none
   * @param field field, property or what else differs
   * @param first its value in A
   * @param second its value in B
   * @param forward what it means for a move from A to B
   * @param back what it means for a move from B to A
   */
  public record Finding(
      String device,
      String group,
      String field,
      String first,
      String second,
      Effect forward,
      Effect back) {}

  private final StateDump first;
  private final StateDump second;
  private final List<Finding> findings = new ArrayList<>();

  private DumpComparison(StateDump first, StateDump second) {
    this.first = first;
    this.second = second;
  }

  /** Every difference, in the order of A's sections; none: the machines are the same. */
  public static List<Finding> of(StateDump first, StateDump second) {
    DumpComparison comparison = new DumpComparison(first, second);
    comparison.run();
    return List.copyOf(comparison.findings);
  }

  /** The worst effect of all findings on a move from A to B, or back. */
  public static Effect worst(List<Finding> findings, boolean forward) {
    return findings.stream()
        .map(f -> forward ? f.forward() : f.back())
        .max(Comparator.naturalOrder())
        .orElse(Effect.NONE);
  }

  private void run() {
    Agreement there = Agreement.reach(first.offer(), second.readable(), second.optional());
    Agreement back = Agreement.reach(second.offer(), first.readable(), first.optional());
    refused(there, back);
    for (int i = 0; i < first.states().size(); i++) {
      Offer.Section ours = first.offer().sections().get(i);
      int j = index(second.offer(), ours.label());
      if (j >= 0) {
        modes(ours, second.offer().sections().get(j));
        boolean early = there.iterative().get(i) && back.iterative().get(j);
        declarations(ours, i, j, forced(ours, j), early);
      }
    }
  }

  private boolean forced(Offer.Section ours, int j) {
    return ours.iterative() == IterativeMigration.ON
        || second.offer().sections().get(j).iterative() == IterativeMigration.ON;
  }

  // ---- What the agreement would refuse

  private void refused(Agreement there, Agreement back) {
    Map<String, Finding> all = new LinkedHashMap<>();
    for (Difference d : there.differences()) {
      all.put(d.path(), finding(d, d.source(), d.destination(), Effect.BREAKS, Effect.NONE));
    }
    for (Difference d : back.differences()) {
      Optional<Finding> seen = Optional.ofNullable(all.get(d.path()));
      all.put(
          d.path(),
          seen.map(f -> bothWays(f))
              .orElseGet(
                  () -> finding(d, d.destination(), d.source(), Effect.NONE, Effect.BREAKS)));
    }
    all.values().stream()
        .filter(f -> !f.first().startsWith(Agreement.LAYOUT))
        .forEach(findings::add);
  }

  private static Finding bothWays(Finding f) {
    return new Finding(
        f.device(), f.group(), f.field(), f.first(), f.second(), Effect.BREAKS, Effect.BREAKS);
  }

  private Finding finding(Difference d, String a, String b, Effect forward, Effect back) {
    String device = device(d.path());
    String field =
        device.isEmpty()
            ? d.path()
            : d.path().equals(Agreement.SECTION + device)
                ? field(a, b)
                : d.path().substring(device.length() + 1);
    return new Finding(device, group(device, field), field, a, b, forward, back);
  }

  /** A section's difference without a name is that it is there, or its version. */
  private static String field(String a, String b) {
    return a.equals(Agreement.ABSENT) || b.equals(Agreement.ABSENT) ? "section" : "version";
  }

  private String device(String path) {
    return java.util.stream.Stream.concat(
            first.offer().sections().stream(), second.offer().sections().stream())
        .map(Offer.Section::label)
        .filter(l -> path.equals(Agreement.SECTION + l) || path.startsWith(l + "."))
        .max(Comparator.comparingInt(String::length))
        .orElse("");
  }

  private String group(String device, String field) {
    int i = index(first.offer(), device);
    return i < 0
        ? ""
        : first.states().get(i).allFields().stream()
            .filter(f -> f.name().equals(field))
            .map(f -> f.group())
            .findFirst()
            .orElse("");
  }

  private static int index(Offer offer, String label) {
    Map<String, Integer> at = new HashMap<>();
    for (int i = 0; i < offer.sections().size(); i++) {
      at.putIfAbsent(offer.sections().get(i).label(), i);
    }
    return at.getOrDefault(label, -1);
  }

  // ---- What it would not see

  /** Modes that differ and are refused are among the agreement's differences already. */
  private void modes(Offer.Section ours, Offer.Section theirs) {
    String a = ours.iterative().wireName();
    String b = theirs.iterative().wireName();
    boolean known =
        findings.stream()
            .anyMatch(f -> f.device().equals(ours.label()) && f.field().equals(Agreement.MODE));
    if (!a.equals(b) && !known) {
      boolean off =
          ours.iterative() == IterativeMigration.OFF
              || theirs.iterative() == IterativeMigration.OFF;
      Effect effect = off ? Effect.CLASSIC : Effect.NONE;
      findings.add(new Finding(ours.label(), "", Agreement.MODE, a, b, effect, effect));
    }
  }

  private void declarations(Offer.Section ours, int i, int j, boolean forced, boolean early) {
    DeclaredState a = first.states().get(i);
    DeclaredState b = second.states().get(j);
    boolean iterative =
        ours.iterative() != IterativeMigration.OFF
            && second.offer().sections().get(j).iterative() != IterativeMigration.OFF;
    Effect layout = forced ? Effect.BREAKS : iterative && !early ? Effect.CLASSIC : Effect.NONE;
    for (StateComparison.Finding f : StateComparison.of(a, b)) {
      Effect there =
          b.reads().contains(a.digest())
              ? Effect.NONE
              : effect(f.touches(), layout, StateComparison.Touches.FIRST_SUBSECTION);
      Effect back =
          a.reads().contains(b.digest())
              ? Effect.NONE
              : effect(f.touches(), layout, StateComparison.Touches.SECOND_SUBSECTION);
      findings.add(
          new Finding(ours.label(), f.group(), f.field(), f.first(), f.second(), there, back));
    }
  }

  private static Effect effect(
      StateComparison.Touches touches, Effect layout, StateComparison.Touches sent) {
    Effect own =
        switch (touches) {
          case CLASSIC_FORM -> Effect.BREAKS;
          case SUBSECTION -> Effect.CONDITIONAL;
          case FIRST_SUBSECTION, SECOND_SUBSECTION ->
              touches == sent ? Effect.CONDITIONAL : Effect.NONE;
          case GROUP_FORM -> Effect.NONE;
          case NOTHING -> Effect.NONE;
        };
    return touches == StateComparison.Touches.NOTHING || own.compareTo(layout) > 0 ? own : layout;
  }
}
