package handover.lab.report;

import handover.lab.DowntimeCell;
import handover.lab.DowntimeRun;
import handover.lab.DowntimeRun.Measure;
import handover.lab.Spread;
import java.util.List;
import java.util.stream.LongStream;

/**
 * One measure of every run as a dot, a row per configuration, with the middle half boxed and the
 * median marked. Cells that differ in {@code iterative} only stand together.
 */
final class StripPlot {
  private static final double WIDTH = 1000;
  private static final double LEFT = 70;
  private static final double RIGHT = WIDTH - 235;
  private static final double TOP = 8;
  private static final double HEADING = 30;
  private static final double ROW = 38;
  private static final double AXIS = 46;

  /** Heights around a row's middle, in turn, so that equal values do not hide each other. */
  private static final double[] STAGGER = {0, -7, 7, -3.5, 3.5, -10, 10};

  private final Measure measure;
  private final List<List<DowntimeCell>> groups;
  private final LogScale scale;
  private final Markup out = new Markup();

  private StripPlot(Measure measure, List<List<DowntimeCell>> groups) {
    this.measure = measure;
    this.groups = groups;
    this.scale = new LogScale(all().min().orElse(1), all().max().orElse(1), LEFT, RIGHT);
  }

  /** The picture. */
  static String of(Measure measure, List<List<DowntimeCell>> groups) {
    return new StripPlot(measure, groups).draw();
  }

  private LongStream all() {
    return groups.stream()
        .flatMap(List::stream)
        .flatMapToLong(cell -> cell.spread(measure).values());
  }

  private String draw() {
    double bottom = TOP;
    for (List<DowntimeCell> group : groups) {
      bottom += HEADING + ROW * group.size();
    }
    out.open(
        "svg",
        "viewBox",
        "0 0 %.0f %.0f".formatted(WIDTH, bottom + AXIS),
        "role",
        "img",
        "aria-label",
        measure.title());
    axis(bottom + 6);
    double y = TOP;
    for (List<DowntimeCell> group : groups) {
      out.label("heading", 0, y + HEADING - 10, group.getFirst().configuration().group());
      y += HEADING;
      for (DowntimeCell cell : group) {
        row(cell, y + ROW / 2);
        y += ROW;
      }
    }
    return out.close("svg").toString();
  }

  private void axis(double bottom) {
    for (long tick : scale.ticks()) {
      double x = scale.at(tick);
      boolean labelled = scale.labelled(tick);
      out.line(labelled ? "grid" : "grid minor", x, TOP, x, bottom);
      if (labelled) {
        out.label("tick", x, bottom + 16, Times.tick(tick));
      }
    }
    out.label("axis", (LEFT + RIGHT) / 2, bottom + 34, "time (logarithmic); one dot per move");
  }

  private void row(DowntimeCell cell, double middle) {
    String series = cell.configuration().iterative() ? "on" : "off";
    Spread spread = cell.spread(measure);
    out.label("series " + series, LEFT - 14, middle + 5, series);
    out.line("grid", LEFT, middle, RIGHT, middle);
    double begin = scale.at(spread.percentile(25));
    double end = scale.at(spread.percentile(75));
    out.box(
        "half " + series,
        begin,
        middle - 12,
        Math.max(2, end - begin),
        24,
        "middle half of the runs: %s to %s"
            .formatted(Times.of(spread.percentile(25)), Times.of(spread.percentile(75))));
    for (DowntimeRun run : cell.runs()) {
      dot(run, series, middle);
    }
    double median = scale.at(spread.median());
    out.line("median " + series, median, middle - 15, median, middle + 15);
    out.label(
        "value",
        RIGHT + 14,
        middle + 5,
        "median %s, p99 %s".formatted(Times.of(spread.median()), Times.of(spread.percentile(99))));
  }

  private void dot(DowntimeRun run, String series, double middle) {
    long micros = run.micros(measure);
    double y = middle + STAGGER[(run.number() - 1) % STAGGER.length];
    out.dot(
        "dot " + series,
        scale.at(micros),
        y,
        3.6,
        "run %d: %s".formatted(run.number(), Times.of(micros)));
  }
}
