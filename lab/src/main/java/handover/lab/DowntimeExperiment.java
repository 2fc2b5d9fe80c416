package handover.lab;

import handover.lab.DowntimeRun.Measure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Measures what moving a guest costs, again and again, in every configuration of a plan.
 *
 * <p>Every move goes to a process that was just started, so that its code is as cold as a user's
 * would be; the process it came from is ended.
 */
public final class DowntimeExperiment {
  /** A back end with hundreds of queues takes its time to be prepared; the guest runs meanwhile. */
  private static final Map<String, String> PATIENT = Map.of("x-switchover-ack-timeout", "60000");

  private static final Duration LOAD_BEFORE_MOVES = Duration.ofSeconds(1);

  private final DowntimePlan plan;
  private final String command;
  private final Instant began;
  private final List<String> host;
  private final Consumer<String> out;
  private final RunRecords records;
  private final Map<Configuration, List<DowntimeRun>> known;
  private final Duration limit;
  private final List<DowntimeCell> cells = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * An experiment not yet begun.
   *
   * @param command as typed, for the report
   * @param began now
   * @param out takes a line of text for each run
   * @param records runs it goes on from, and where it puts its own
   * @param limit after which no further run is begun
   * @throws IOException if the records cannot be read
   */
  public DowntimeExperiment(
      DowntimePlan plan,
      String command,
      Instant began,
      Consumer<String> out,
      RunRecords records,
      Duration limit)
      throws IOException {
    this.plan = plan;
    this.command = command;
    this.began = began;
    this.host = HostFacts.lines();
    this.out = out;
    this.records = records;
    this.known = records.read().stream().collect(Collectors.groupingBy(DowntimeRun::configuration));
    this.limit = limit;
  }

  /**
   * Does it all. A configuration that fails is noted, and the next one begun.
   *
   * @param after hears of the result so far after each configuration
   */
  public DowntimeResult run(Consumer<DowntimeResult> after) throws InterruptedException {
    List<Configuration> all = plan.configurations();
    for (int i = 0; i < all.size(); i++) {
      out.accept("[%d/%d] %s".formatted(i + 1, all.size(), all.get(i)));
      measure(all.get(i));
      after.accept(result());
    }
    return result();
  }

  private DowntimeResult result() {
    return new DowntimeResult(
        command, began, host, List.copyOf(cells), List.copyOf(missing), List.copyOf(problems));
  }

  private void measure(Configuration configuration) throws InterruptedException {
    List<DowntimeRun> runs = new ArrayList<>(known.getOrDefault(configuration, List.of()));
    if (runs.size() < plan.runs() && timeIsLeft()) {
      measure(configuration, runs);
    }
    if (!runs.isEmpty()) {
      report(configuration, runs);
    }
    if (runs.size() < plan.runs()) {
      missing.add(
          runs.isEmpty()
              ? configuration.toString()
              : "%s: %d of %d runs".formatted(configuration, runs.size(), plan.runs()));
      out.accept("  not measured: " + missing.getLast());
    }
  }

  private boolean timeIsLeft() {
    return Instant.now().isBefore(began.plus(limit));
  }

  private void measure(Configuration configuration, List<DowntimeRun> runs)
      throws InterruptedException {
    Testbed.Network network =
        new Testbed.Network(
            configuration.backend(),
            configuration.pairs(),
            configuration.iterativeLabel(),
            configuration.warm().options(),
            plan.rate());
    // Idle but for the probe: what is measured is the move, not the guest's appetite for memory.
    String words = "dirty=0 pairs=" + configuration.pairs();
    try (Testbed testbed = new Testbed(DemoGuest.PULSE, network, words, out)) {
      measure(testbed, configuration, runs);
    } catch (IOException e) {
      problem(configuration + ": " + e.getMessage());
    }
  }

  private void report(Configuration configuration, List<DowntimeRun> runs) {
    DowntimeCell cell = new DowntimeCell(configuration, List.copyOf(runs));
    cells.add(cell);
    for (Measure measure : Measure.values()) {
      summarise(measure.title(), cell.spread(measure));
    }
    summarise("Load and commit of it", cell.loadAndCommit());
    out.accept("  the median one, run " + cell.typical().number() + ":");
    Waterfall.of(cell.typical().move().detail()).forEach(row -> out.accept("    " + row));
  }

  private void measure(Testbed testbed, Configuration configuration, List<DowntimeRun> runs)
      throws IOException, InterruptedException {
    VmProcess from = testbed.boot("h0", LOAD_BEFORE_MOVES);
    for (int number = runs.size() + 1; number <= plan.runs() && timeIsLeft(); number++) {
      VmProcess to = testbed.incoming("h" + number);
      DowntimeRun run = move(testbed, configuration, number, from, to);
      runs.add(run);
      records.add(run);
      out.accept("  run %3d/%d  %s".formatted(number, plan.runs(), line(run)));
      testbed.retire(from);
      from = to;
    }
  }

  private DowntimeRun move(
      Testbed testbed, Configuration configuration, int number, VmProcess from, VmProcess to)
      throws IOException, InterruptedException {
    Testbed.Measured measured =
        testbed.measure(
            "run " + number,
            from,
            to,
            configuration.warm().in(Testbed.plan().withParameters(PATIENT)),
            progress -> {});
    if (measured.move().isEmpty()) {
      throw new IOException(
          "run %d: %s %s"
              .formatted(
                  number,
                  measured.outcome().words(),
                  String.join("; ", measured.outcome().reasons())));
    }
    if (!measured.answered()) {
      problem("%s, run %d: the guest answered too few probes".formatted(configuration, number));
    }
    if (DemoGuest.PULSE.damage().matcher(from.console().since(0)).find()) {
      problem("%s, run %d: the guest's memory was damaged".formatted(configuration, number));
    }
    return DowntimeRun.of(configuration, number, measured.move().get());
  }

  private void summarise(String what, Spread spread) {
    out.accept(
        String.format(
            Locale.ROOT,
            "  %-40s median %8.3f ms, p99 %8.3f ms",
            what,
            spread.median() / 1e3,
            spread.percentile(99) / 1e3));
  }

  private void problem(String words) {
    problems.add(words);
    out.accept("  " + words);
  }

  private static String line(DowntimeRun run) {
    Move.Wire probe = run.move().probe();
    return String.format(
        Locale.ROOT,
        "device %8.3f ms   VM %8.3f ms   wire %8.3f ms   %6d B early %6d B at stop   %d lost, %d"
            + " twice",
        run.micros(Measure.DEVICE) / 1e3,
        run.micros(Measure.VM) / 1e3,
        run.micros(Measure.WIRE) / 1e3,
        run.device().earlyBytes(),
        run.device().finalBytes(),
        probe.lost(),
        probe.duplicated());
  }
}
