package handover.lab;

/**
 * One cell of an experiment.
 *
 * @param pairs queue pairs of the network device
 * @param iterative whether its state may migrate iteratively
 */
public record Configuration(int pairs, NetworkBackend backend, boolean iterative, Warmth warm) {
  /** {@code on} or {@code off}. */
  public String iterativeLabel() {
    return iterative ? "on" : "off";
  }

  /** All but {@link #iterative}: what is the same for two cells that are shown side by side. */
  public String group() {
    return "%d pair%s, %s, warm-up %s"
        .formatted(pairs, pairs == 1 ? "" : "s", backend.label(), warm.label());
  }

  @Override
  public String toString() {
    return group() + ", iterative " + iterativeLabel();
  }
}
