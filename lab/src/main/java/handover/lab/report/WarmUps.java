package handover.lab.report;

import handover.lab.Configuration;
import handover.lab.DowntimeCell;
import handover.lab.DowntimeRun.Measure;
import handover.lab.Warmth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What makes a second load faster than the first: causes switched off one at a time, and whether
 * locking memory would do. Only what was measured is compared; with one warm-up there is nothing to
 * say.
 */
final class WarmUps {
  private final Markup out = new Markup();

  private WarmUps() {}

  /** A section, or nothing. */
  static String of(List<DowntimeCell> cells) {
    Map<String, List<DowntimeCell>> subjects = new LinkedHashMap<>();
    for (DowntimeCell cell : cells) {
      subjects.computeIfAbsent(subject(cell), s -> new ArrayList<>()).add(cell);
    }
    subjects.values().removeIf(same -> same.size() < 2);
    return subjects.isEmpty() ? "" : new WarmUps().write(subjects);
  }

  private static String subject(DowntimeCell cell) {
    Configuration c = cell.configuration();
    return "%d pair%s, %s, iterative %s"
        .formatted(c.pairs(), c.pairs() == 1 ? "" : "s", c.backend().label(), c.iterativeLabel());
  }

  private String write(Map<String, List<DowntimeCell>> subjects) {
    out.open("section").element("h2", "What makes a second load faster");
    out.element(
        "p",
        "A device's second load is faster than its first. Each row keeps one cause out of the"
            + " blackout. What the back end does and what walks the guest's tables is in the"
            + " difference between back ends and between iterative on and off.",
        "class",
        "note");
    subjects.forEach(this::subject);
    return out.close("section").toString();
  }

  private void subject(String name, List<DowntimeCell> cells) {
    out.element("h3", name);
    out.open("div", "class", "wide").open("table").open("thead").open("tr");
    out.element("th", "warm-up").element("th", "kept out of the blackout");
    for (String head :
        List.of("classes loaded in it", "device's share", "its load and commit", "whole VM")) {
      out.element("th", head, "class", "number");
    }
    out.close("tr").close("thead").open("tbody");
    cells.forEach(this::row);
    out.close("tbody").close("table").close("div");
    out.element("p", verdict(cells));
  }

  private void row(DowntimeCell cell) {
    Warmth warm = cell.configuration().warm();
    out.open("tr").element("td", warm.label()).element("td", warm.removes());
    out.element("td", Long.toString(cell.classesLoaded()), "class", "number");
    long load = cell.loadAndCommit().median();
    for (long micros : new long[] {median(cell, Measure.DEVICE), load, median(cell, Measure.VM)}) {
      out.element("td", Times.of(micros), "class", "number");
    }
    out.close("tr");
  }

  /** In words, from the medians. */
  private static String verdict(List<DowntimeCell> cells) {
    DowntimeCell best =
        cells.stream().min(Comparator.comparingLong(c -> median(c, Measure.VM))).orElseThrow();
    List<String> words = new ArrayList<>();
    words.add("Best: %s, %s.".formatted(best.configuration().warm().label(), vm(best)));
    for (DowntimeCell cell : cells) {
      if (cell.equals(best)) {
        continue;
      }
      switch (cell.configuration().warm()) {
        case NONE -> words.add("Without any of it: %s.".formatted(vm(cell)));
        case MLOCK -> words.add("Locking memory alone: %s.".formatted(vm(cell)));
        default -> {}
      }
    }
    return String.join(" ", words);
  }

  private static String vm(DowntimeCell cell) {
    return "the guest stood still for " + Times.of(median(cell, Measure.VM));
  }

  private static long median(DowntimeCell cell, Measure measure) {
    return cell.spread(measure).median();
  }
}
