package handover.lab;

import handover.migration.Parameter;
import handover.monitor.client.MigrationPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is made warm before the guest stops. */
public enum Warmth {
  /** Nothing: code runs for the first time in the blackout. */
  NONE("none", "nothing", "", 0),
  /** All guest memory is resident before the guest comes. */
  TOUCH("touch", "page faults of guest memory", "-mem-prealloc", 0),
  /** All memory of the processes is resident and stays so. */
  MLOCK("mlock", "page faults of the whole process", "-overcommit mem-lock=on", 0),
  /** A single move is rehearsed. */
  CLASSES("classes", "class loading", "", 1),
  /** Both sides rehearse moves while memory flows, as in any other migration. */
  REHEARSE("rehearse", "class loading and JIT warm-up", "", Parameter.X_REHEARSE_MOVES.initially());

  private final String label;
  private final String removes;
  private final String options;
  private final long moves;

  Warmth(String label, String removes, String options, long moves) {
    this.label = label;
    this.removes = removes;
    this.options = options;
    this.moves = moves;
  }

  /** What {@code --warm} calls it. */
  public String label() {
    return label;
  }

  /** What it keeps out of the blackout. */
  public String removes() {
    return removes;
  }

  /** Options of {@code handover vm} that make it so, on both sides. */
  List<String> options() {
    return options.isEmpty() ? List.of() : List.of(options.split(" "));
  }

  /** Finds by {@link #label}. */
  public static Optional<Warmth> named(String label) {
    return Arrays.stream(values()).filter(w -> w.label.equals(label)).findFirst();
  }

  /** The plan with migration capabilities and parameters that make it so, on both sides. */
  MigrationPlan in(MigrationPlan plan) {
    Map<String, String> parameters = new HashMap<>(plan.parameters());
    if (moves > 0) {
      parameters.put(Parameter.X_REHEARSE_MOVES.wireName(), Long.toString(moves));
    }
    return plan.withCapabilities(Map.of("x-rehearse", moves > 0)).withParameters(parameters);
  }
}
