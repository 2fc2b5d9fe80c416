package handover.lab;

import handover.devices.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a downtime experiment covers: every combination of the lists.
 *
 * @param rate probes a second, 1 to 100,000
 * @param runs moves per combination
 */
public record DowntimePlan(
    List<Integer> pairs,
    List<NetworkBackend> backends,
    List<Boolean> iterative,
    List<Warmth> warm,
    int rate,
    int runs) {
  private static final int MOST_PAIRS = 511;
  private static final int MOST_RUNS = 10_000;
  private static final int MOST_RATE = 100_000;

  /** A plan as typed; lists are separated by commas. */
  public record Typed(
      String pairs, String backend, String iterative, String warm, int rate, int runs) {}

  /**
   * Understands what was typed.
   *
   * @param problems hears of everything wrong
   * @return the plan, if nothing was
   */
  public static Optional<DowntimePlan> of(Typed typed, Consumer<String> problems) {
    List<String> found = new ArrayList<>();
    DowntimePlan plan =
        new DowntimePlan(
            each("--pairs", typed.pairs(), DowntimePlan::pairs, found),
            each("--backend", typed.backend(), DowntimePlan::backend, found),
            each("--iterative", typed.iterative(), DowntimePlan::onOff, found),
            each("--warm", typed.warm(), DowntimePlan::warmth, found),
            typed.rate(),
            typed.runs());
    if (typed.rate() < 1 || typed.rate() > MOST_RATE) {
      found.add("--rate expects a number from 1 to %d, got %d".formatted(MOST_RATE, typed.rate()));
    }
    if (typed.runs() < 1 || typed.runs() > MOST_RUNS) {
      found.add("--runs expects a number from 1 to %d, got %d".formatted(MOST_RUNS, typed.runs()));
    }
    plan.configurations().stream()
        .flatMap(
            c -> c.backend().obstacle(c.pairs()).map(o -> c.backend().label() + " " + o).stream())
        .distinct()
        .forEach(words -> found.add("--backend " + words));
    found.forEach(problems);
    return found.isEmpty() ? Optional.of(plan) : Optional.empty();
  }

  /** Every combination; those that differ in {@code iterative} only follow each other. */
  public List<Configuration> configurations() {
    List<Configuration> all = new ArrayList<>();
    for (NetworkBackend backend : backends) {
      for (int count : pairs) {
        for (Warmth warmth : warm) {
          iterative.forEach(on -> all.add(new Configuration(count, backend, on, warmth)));
        }
      }
    }
    return all;
  }

  /** What one word means, or what would have been expected instead. */
  private record Reading<T>(Optional<T> value, String expected, String hint) {}

  private static <T> List<T> each(
      String option, String list, Function<String, Reading<T>> read, List<String> problems) {
    List<T> values = new ArrayList<>();
    for (String word : list.split(",", -1)) {
      Reading<T> reading = read.apply(word.strip());
      reading
          .value()
          .filter(v -> !values.contains(v))
          .ifPresentOrElse(
              values::add,
              () ->
                  problems.add(
                      reading.value().isPresent()
                          ? "%s: '%s' is given twice".formatted(option, word)
                          : "%s expects %s, got '%s'%s"
                              .formatted(option, reading.expected(), word, reading.hint())));
    }
    return List.copyOf(values);
  }

  private static Reading<Integer> pairs(String word) {
    Optional<Integer> number =
        word.matches("[0-9]{1,4}") ? Optional.of(Integer.parseInt(word)) : Optional.empty();
    return new Reading<>(
        number.filter(n -> n >= 1 && n <= MOST_PAIRS), "numbers from 1 to " + MOST_PAIRS, "");
  }

  private static Reading<NetworkBackend> backend(String word) {
    return choice(
        NetworkBackend.named(word),
        NetworkBackend.available().stream().map(NetworkBackend::label).toList(),
        word);
  }

  private static Reading<Boolean> onOff(String word) {
    boolean known = word.equals("on") || word.equals("off");
    return new Reading<>(
        known ? Optional.of(word.equals("on")) : Optional.empty(), "on or off", "");
  }

  private static Reading<Warmth> warmth(String word) {
    return choice(
        Warmth.named(word), Arrays.stream(Warmth.values()).map(Warmth::label).toList(), word);
  }

  private static <T> Reading<T> choice(Optional<T> value, List<String> known, String word) {
    return new Reading<>(value, String.join(" or ", known), NearestName.hint(word, known));
  }
}
