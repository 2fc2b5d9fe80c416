package handover.lab.report;

import handover.lab.DowntimeCell;
import handover.lab.DowntimeResult;
import handover.lab.DowntimeRun.Measure;
import handover.lab.Phase;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An experiment's result as one page that needs nothing else, to look at more than to read. */
final class HtmlReport {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

  private final DowntimeResult result;
  private final List<List<DowntimeCell>> groups;
  private final Markup out = new Markup();

  private HtmlReport(DowntimeResult result) {
    this.result = result;
    Map<String, List<DowntimeCell>> byGroup = new LinkedHashMap<>();
    for (DowntimeCell cell : result.cells()) {
      byGroup.computeIfAbsent(cell.configuration().group(), g -> new ArrayList<>()).add(cell);
    }
    this.groups = List.copyOf(byGroup.values());
  }

  /** The page. */
  static String of(DowntimeResult result) {
    return new HtmlReport(result).write();
  }

  private String write() {
    out.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.element("title", "Handover: what a move costs");
    out.raw("<style>\n").raw(Style.CSS).raw("</style>\n</head>\n<body>\n<main>\n");
    heading();
    problems();
    if (!groups.isEmpty()) {
      comparison();
      for (Measure measure : Measure.values()) {
        distribution(measure);
      }
      out.raw(WarmUps.of(result.cells()));
      waterfalls();
      table();
    }
    method();
    return out.raw("</main>\n</body>\n</html>\n").toString();
  }

  private void heading() {
    out.element("h1", "What a move costs");
    out.open("p", "class", "facts").text(DATE.format(result.began()));
    result.host().forEach(fact -> out.text(" · " + fact));
    out.close("p");
    out.open("p").element("code", result.command()).close("p");
  }

  private void problems() {
    listed("problems", "Not everything went well", result.problems());
    listed("missing", "Not measured", result.missing());
  }

  private void listed(String name, String title, List<String> lines) {
    if (!lines.isEmpty()) {
      out.open("section", "class", name).element("h2", title);
      out.open("ul");
      lines.forEach(line -> out.element("li", line));
      out.close("ul").close("section");
    }
  }

  private void comparison() {
    out.open("section", "class", "cards");
    for (List<DowntimeCell> group : groups) {
      out.open("div", "class", "card");
      out.element("h3", group.getFirst().configuration().group());
      for (Measure measure : Measure.values()) {
        out.element("div", measure.title(), "class", "measure");
        out.open("div", "class", "medians");
        for (DowntimeCell cell : group) {
          String series = cell.configuration().iterativeLabel();
          out.open("span", "class", "median-of " + series);
          out.element("b", Times.of(cell.spread(measure).median()));
          out.element("small", "iterative " + series).close("span");
        }
        out.close("div");
      }
      out.close("div");
    }
    out.close("section");
    out.element("p", "Medians. The runs behind them follow.", "class", "note");
  }

  private void distribution(Measure measure) {
    out.open("section").element("h2", measure.title());
    out.element(
        "p",
        measure.description()
            + ". Shaded: the middle half of the runs; the upright line: their median.",
        "class",
        "note");
    out.open("div", "class", "wide").raw(StripPlot.of(measure, groups));
    out.raw(HistogramPlot.of(measure, groups)).close("div").close("section");
  }

  private void waterfalls() {
    out.open("section").element("h2", "Where the blackout goes");
    out.open("p", "class", "note");
    for (Phase phase : Phase.values()) {
      out.element("span", "", "class", "swatch " + phase.member());
      out.text(phase.description() + " ");
    }
    out.element("span", "", "class", "swatch source").text("the source ");
    out.element("span", "", "class", "swatch destination").text("the destination as a whole. ");
    out.text(
        "For each configuration the run with the median downtime; neighbours share a scale, and the"
            + " dashed line is the guest's start. Of devices, durations are measured: their bars"
            + " begin with their phase and stand one after the other.");
    out.close("p");
    for (List<DowntimeCell> group : groups) {
      long length =
          group.stream()
              .mapToLong(cell -> BlackoutChart.length(cell.typical()))
              .max()
              .orElseThrow();
      out.element("h3", group.getFirst().configuration().group());
      out.open("div", "class", "pair");
      for (DowntimeCell cell : group) {
        waterfall(cell, length);
      }
      out.close("div");
    }
    out.close("section");
  }

  private void waterfall(DowntimeCell cell, long length) {
    String series = cell.configuration().iterativeLabel();
    out.open("figure").open("figcaption");
    out.element("span", "iterative " + series, "class", "tag " + series);
    out.text(
        " run %d, guest stopped for %s, of which its network device %s"
            .formatted(
                cell.typical().number(),
                Times.of(cell.typical().micros(Measure.VM)),
                Times.of(cell.typical().micros(Measure.DEVICE))));
    Map<String, Long> backEnd = cell.typical().device().backEnd();
    if (!backEnd.isEmpty()) {
      List<String> lines = new ArrayList<>();
      backEnd.forEach((line, micros) -> lines.add(line + " " + Times.of(micros)));
      out.text("; its back end's part: " + String.join(", ", lines));
    }
    out.close("figcaption").raw(BlackoutChart.of(cell.typical(), length)).close("figure");
  }

  private void table() {
    out.open("section").element("h2", "Figures");
    out.open("div", "class", "wide").open("table").open("thead").open("tr");
    out.element("th", "configuration").element("th", "iterative");
    heading("runs");
    for (Measure measure : Measure.values()) {
      heading(measure.title() + ", median");
      heading("p99");
    }
    heading("its load and commit, median");
    heading("p99");
    List.of("early bytes", "bytes at the stop", "probes", "lost", "twice").forEach(this::heading);
    out.close("tr").close("thead").open("tbody");
    result.cells().forEach(this::row);
    out.close("tbody").close("table").close("div").close("section");
  }

  private void heading(String ofNumbers) {
    out.element("th", ofNumbers, "class", "number");
  }

  private void row(DowntimeCell cell) {
    out.open("tr").element("td", cell.configuration().group());
    String series = cell.configuration().iterativeLabel();
    out.open("td").element("span", series, "class", "tag " + series).close("td");
    number(cell.runs().size());
    for (Measure measure : Measure.values()) {
      out.element("td", Times.of(cell.spread(measure).median()), "class", "number");
      out.element("td", Times.of(cell.spread(measure).percentile(99)), "class", "number");
    }
    out.element("td", Times.of(cell.loadAndCommit().median()), "class", "number");
    out.element("td", Times.of(cell.loadAndCommit().percentile(99)), "class", "number");
    number(cell.earlyBytes());
    number(cell.finalBytes());
    number(cell.sent());
    number(cell.lost());
    number(cell.duplicated());
    out.close("tr");
  }

  private void number(long value) {
    out.element("td", "%,d".formatted(value), "class", "number");
  }

  private void method() {
    out.open("section").element("h2", "How it was measured");
    out.element(
        "p",
        "Real moves of the pulse guest (1 hart, 128 MiB, idle but for answering probes) between"
            + " processes on one machine, over TCP on loopback. Every move goes to a process that"
            + " was just started. The probe is a host on the guest's network that sends"
            + " numbered UDP requests at the rate of --rate (2000 a second unless said otherwise),"
            + " so it cannot see silences shorter than their distance; a request not answered within a second is lost. The device's share"
            + " and the downtime come from query-migrate on the source. Percentiles are nearest"
            + " ranks: with fewer than 100 runs, p99 is the worst run. Bytes are the network"
            + " device's, medians. All runs are in runs.csv.",
        "class",
        "note");
    out.close("section");
  }
}
