package handover.monitor.dump;

import handover.migration.DumpComparison;
import handover.migration.DumpComparison.Effect;
import handover.migration.DumpComparison.Finding;
import handover.monitor.json.Json;
import java.util.List;

/**
 * What comparing two dumps found, for people and for programs.
 *
 * @param first what A is called
 * @param second what B is called
 * @param findings every difference
 */
public record ComparisonReport(String first, String second, List<Finding> findings) {

  /** Whether a stream loads both ways, whatever the guest does. */
  public boolean loads() {
    return worst(true).compareTo(Effect.CONDITIONAL) < 0
        && worst(false).compareTo(Effect.CONDITIONAL) < 0;
  }

  private Effect worst(boolean forward) {
    return DumpComparison.worst(findings, forward);
  }

  /** A verdict for each direction, then every difference with both values. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("A is %s%nB is %s%n".formatted(first, second));
    text.append("from A to B: %s%n".formatted(verdict(worst(true))));
    text.append("from B to A: %s%n".formatted(verdict(worst(false))));
    findings.forEach(f -> text.append(line(f)).append('\n'));
    return text.toString();
  }

  private static String line(Finding f) {
    String where = f.device().isEmpty() ? "" : f.device() + " ";
    String group = f.group().isEmpty() ? "" : "[" + f.group() + "] ";
    String meaning =
        f.forward() == f.back()
            ? "both ways: " + effect(f.forward())
            : "A to B: %s; B to A: %s".formatted(effect(f.forward()), effect(f.back()));
    return "  %s%s%s: A %s, B %s (%s)"
        .formatted(where, group, f.field(), f.first(), f.second(), meaning);
  }

  /** The same as {@link #text}, for programs. */
  public Json.Obj json() {
    return Json.object()
        .with("a", first)
        .with("b", second)
        .with("a-to-b", name(worst(true)))
        .with("b-to-a", name(worst(false)))
        .with("loads", loads())
        .with("differences", Json.of(findings.stream().map(ComparisonReport::json).toList()))
        .build();
  }

  private static Json.Obj json(Finding f) {
    return Json.object()
        .with("device", f.device())
        .with("group", f.group())
        .with("field", f.field())
        .with("a", f.first())
        .with("b", f.second())
        .with("a-to-b", name(f.forward()))
        .with("b-to-a", name(f.back()))
        .build();
  }

  private static String name(Effect effect) {
    return switch (effect) {
      case NONE -> "loads";
      case CLASSIC -> "classic";
      case CONDITIONAL -> "conditional";
      case BREAKS -> "breaks";
    };
  }

  private static String verdict(Effect effect) {
    return switch (effect) {
      case NONE -> "loads";
      case CLASSIC -> "loads; devices marked 'classic' move with the guest stopped";
      case CONDITIONAL -> "may not load: it depends on what the guest does";
      case BREAKS -> "does not load";
    };
  }

  private static String effect(Effect effect) {
    return switch (effect) {
      case NONE -> "no matter";
      case CLASSIC -> "classic";
      case CONDITIONAL -> "breaks if the guest needs it";
      case BREAKS -> "breaks";
    };
  }
}
