package handover.lab;

import handover.lab.DowntimeRun.Measure;
import handover.monitor.json.Json;
import java.util.List;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * Every run of one configuration.
 *
 * @param runs at least one
 */
public record DowntimeCell(Configuration configuration, List<DowntimeRun> runs) {
  private static final long LONGEST_MICROS = 3_600_000_000L;

  /** How a measurement is distributed, in microseconds. */
  public Spread spread(Measure measure) {
    return spread(run -> run.micros(measure));
  }

  /** The same as a histogram of microseconds, exact to three digits. */
  public Histogram histogram(Measure measure) {
    Histogram histogram = new Histogram(LONGEST_MICROS, 3);
    runs.forEach(run -> histogram.recordValue(Math.clamp(run.micros(measure), 0, LONGEST_MICROS)));
    histogram.setTag(
        "%d-%s-%s-%s-%s"
            .formatted(
                configuration.pairs(),
                configuration.backend().label(),
                configuration.iterativeLabel(),
                configuration.warm().label(),
                measure.member()));
    return histogram;
  }

  /** How long the destination took to load and commit the network device, in microseconds. */
  public Spread loadAndCommit() {
    return spread(run -> run.device().micros(Phase.LOAD) + run.device().micros(Phase.COMMIT));
  }

  /** Classes that both sides loaded in the blackout: the median. */
  public long classesLoaded() {
    return spread(run -> run.move().classesLoaded()).median();
  }

  /** Bytes of the network device that went while the guest ran: the median. */
  public long earlyBytes() {
    return spread(run -> run.device().earlyBytes()).median();
  }

  /** Bytes of the network device that went while it was stopped: the median. */
  public long finalBytes() {
    return spread(run -> run.device().finalBytes()).median();
  }

  /** Probes never answered, in all runs. */
  public long lost() {
    return runs.stream().mapToLong(run -> run.move().probe().lost()).sum();
  }

  /** Probes answered again, in all runs. */
  public long duplicated() {
    return runs.stream().mapToLong(run -> run.move().probe().duplicated()).sum();
  }

  /** Probes sent, in all runs. */
  public long sent() {
    return runs.stream().mapToLong(run -> run.move().probe().sent()).sum();
  }

  /** The run whose downtime is nearest to the median from below. */
  public DowntimeRun typical() {
    long middle = spread(Measure.VM).percentile(50);
    return runs.stream().filter(r -> r.micros(Measure.VM) == middle).findFirst().orElseThrow();
  }

  /** An element of {@code summary.json}. */
  public Json json() {
    Json.Builder json =
        Json.object()
            .with("pairs", configuration.pairs())
            .with("backend", configuration.backend().label())
            .with("iterative", configuration.iterativeLabel())
            .with("warm", configuration.warm().label())
            .with("runs", runs.size());
    for (Measure measure : Measure.values()) {
      json.with(measure.member(), spread(measure).json());
    }
    return json.with("earlyBytes", earlyBytes())
        .with("finalBytes", finalBytes())
        .with("lost", lost())
        .with("duplicated", duplicated())
        .build();
  }

  private Spread spread(ToLongFunction<DowntimeRun> value) {
    return Spread.of(runs.stream().mapToLong(value));
  }
}
