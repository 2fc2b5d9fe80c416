package handover.lab.report;

import handover.lab.DowntimeCell;
import handover.lab.DowntimeRun.Measure;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** How often a measure fell where, a row of columns per configuration, on a logarithmic scale. */
final class HistogramPlot {
  private static final double WIDTH = 1000;
  private static final double LEFT = 70;
  private static final double RIGHT = WIDTH - 235;
  private static final double ROW = 46;
  private static final double HEIGHT = 38;
  private static final int COLUMNS = 48;

  private final Measure measure;
  private final List<DowntimeCell> cells;
  private final double low;
  private final double step;
  private final Markup out = new Markup();

  private HistogramPlot(Measure measure, List<DowntimeCell> cells) {
    this.measure = measure;
    this.cells = cells;
    long least = cells.stream().mapToLong(c -> c.histogram(measure).getMinValue()).min().orElse(1);
    long most = cells.stream().mapToLong(c -> c.histogram(measure).getMaxValue()).max().orElse(1);
    this.low = Math.log(Math.max(1, least) * 0.98);
    this.step = (Math.log(Math.max(1, most) * 1.02) - low) / COLUMNS;
  }

  /** The picture. */
  static String of(Measure measure, List<List<DowntimeCell>> groups) {
    return new HistogramPlot(measure, groups.stream().flatMap(List::stream).toList()).draw();
  }

  private String draw() {
    out.open(
        "svg",
        "viewBox",
        "0 0 %.0f %.0f".formatted(WIDTH, ROW * cells.size() + 26),
        "role",
        "img",
        "aria-label",
        "histogram: " + measure.title());
    for (int i = 0; i < cells.size(); i++) {
      row(cells.get(i), ROW * i + HEIGHT + 4);
    }
    double bottom = ROW * cells.size() + 20;
    for (int column = 0; column <= COLUMNS; column += COLUMNS / 6) {
      out.label("tick", x(column), bottom, Times.of(Math.round(edge(column))));
    }
    return out.close("svg").toString();
  }

  private void row(DowntimeCell cell, double bottom) {
    String series = cell.configuration().iterativeLabel();
    Histogram histogram = cell.histogram(measure);
    long[] counts = counts(histogram);
    long highest = 1;
    for (long count : counts) {
      highest = Math.max(highest, count);
    }
    out.label("series " + series, LEFT - 14, bottom - 12, series);
    out.label("note", RIGHT + 14, bottom - 12, cell.configuration().group());
    out.line("grid", LEFT, bottom, RIGHT, bottom);
    for (int column = 0; column < COLUMNS; column++) {
      if (counts[column] > 0) {
        double height = HEIGHT * counts[column] / highest;
        String tip =
            String.format(
                Locale.ROOT,
                "%d of %d moves: %s to %s",
                counts[column],
                histogram.getTotalCount(),
                Times.of(Math.round(edge(column))),
                Times.of(Math.round(edge(column + 1))));
        double width = x(column + 1) - x(column) - 1.5;
        out.box("column " + series, x(column), bottom - height, width, height, tip);
      }
    }
  }

  /** How many values lie in each column; together all of them. */
  private long[] counts(Histogram histogram) {
    long[] counts = new long[COLUMNS];
    histogram
        .recordedValues()
        .forEach(
            v -> {
              double place = (Math.log((double) Math.max(1, v.getValueIteratedTo())) - low) / step;
              counts[Math.clamp((int) place, 0, COLUMNS - 1)] += v.getCountAtValueIteratedTo();
            });
    return counts;
  }

  private double edge(int column) {
    return Math.exp(low + column * step);
  }

  private static double x(int column) {
    return LEFT + (RIGHT - LEFT) * column / COLUMNS;
  }
}
