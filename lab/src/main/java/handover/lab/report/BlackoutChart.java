package handover.lab.report;

import handover.lab.DowntimeRun;
import handover.lab.DowntimeRun.Measure;
import handover.lab.Move.Device;
import handover.lab.Move.Span;
import handover.lab.Phase;
import java.util.List;
import java.util.Locale;

/**
 * One move's blackout from the guest's stop to its start: first what each side did and when, then a
 * row per device, a bar per phase. Devices' times are durations only: they begin with their side's
 * phase and stand one after the other in section order.
 */
final class BlackoutChart {
  private static final double WIDTH = 560;
  private static final double LEFT = 170;
  private static final double RIGHT = WIDTH - 70;
  private static final double TOP = 28;
  private static final double ROW = 17;
  private static final double BAR = 11;
  private static final int TICKS = 7;

  private final DowntimeRun run;
  private final List<Span> spans;
  private final List<Device> devices;
  private final double length;
  private final Markup out = new Markup();

  private BlackoutChart(DowntimeRun run, long length) {
    this.run = run;
    this.spans = run.move().spans();
    this.devices = run.move().devices();
    this.length = Math.max(1, length);
  }

  /** When the last of it was over, microseconds after the stop. */
  static long length(DowntimeRun run) {
    long spans = run.move().spans().stream().mapToLong(Span::end).max().orElse(0);
    return Math.max(run.micros(Measure.VM), spans);
  }

  /**
   * The picture.
   *
   * @param length what the whole width stands for, microseconds
   */
  static String of(DowntimeRun run, long length) {
    return new BlackoutChart(run, length).draw();
  }

  private String draw() {
    double bottom = TOP + ROW * (spans.size() + devices.size()) + 4;
    out.open(
        "svg",
        "viewBox",
        "0 0 %.0f %.0f".formatted(WIDTH, bottom + 8),
        "role",
        "img",
        "aria-label",
        "blackout by phase and device");
    axis(bottom);
    for (int row = 0; row < spans.size(); row++) {
      span(spans.get(row), row);
    }
    for (int i = 0; i < devices.size(); i++) {
      name(devices.get(i), spans.size() + i);
    }
    bars(begin("source", "save"), Phase.SAVE, Phase.SEND);
    bars(begin("destination", "load"), Phase.LOAD);
    bars(begin("destination", "commit"), Phase.COMMIT);
    double end = x(run.micros(Measure.VM));
    out.line("end", end, TOP - 4, end, bottom);
    return out.close("svg").toString();
  }

  private void span(Span span, int row) {
    double y = TOP + ROW * row + BAR;
    out.label("row", LEFT - 8, y, span.side() + ": " + span.phase());
    out.label("amount", WIDTH, y, Times.of(span.length()));
    bar(span.side(), row, span.start(), span.length(), span.side() + ", " + span.phase());
  }

  private long begin(String side, String phase) {
    return spans.stream()
        .filter(s -> s.side().equals(side) && s.phase().equals(phase))
        .mapToLong(Span::start)
        .findFirst()
        .orElse(0);
  }

  private void axis(double bottom) {
    long step = step(length / TICKS);
    for (long tick = 0; tick <= length; tick += step) {
      out.line("grid", x(tick), TOP - 4, x(tick), bottom);
      out.label("tick", x(tick), TOP - 10, Times.tick(tick));
    }
  }

  private static long step(double atLeast) {
    long decade = 1;
    while (decade * 10 <= atLeast) {
      decade *= 10;
    }
    return decade
        * (atLeast <= decade ? 1 : atLeast <= 2 * decade ? 2 : atLeast <= 5 * decade ? 5 : 10);
  }

  private void name(Device device, int row) {
    boolean subject = device.equals(run.device());
    double y = TOP + ROW * row + BAR;
    out.open("text", "class", subject ? "row subject" : "row", "x", LEFT - 8, "y", y)
        .text(shortened(device.id()))
        .element("title", device.id())
        .close("text");
    out.label(subject ? "amount subject" : "amount", WIDTH, y, Times.of(device.blackout()));
  }

  private void bars(long began, Phase... phases) {
    long now = began;
    for (int i = 0; i < devices.size(); i++) {
      for (Phase phase : phases) {
        Device device = devices.get(i);
        long micros = device.micros(phase);
        String what = "%s, %s".formatted(device.id(), phase.description());
        bar(phase.member(), spans.size() + i, now, micros, what);
        now += micros;
      }
    }
  }

  private void bar(String kind, int row, long began, long micros, String what) {
    if (micros > 0) {
      double width = Math.max(0.8, x(began + micros) - x(Math.max(0, began)));
      String tip = String.format(Locale.ROOT, "%s: %s", what, Times.of(micros));
      out.box("bar " + kind, x(Math.max(0, began)), TOP + ROW * row + 1, width, BAR, tip);
    }
  }

  private double x(long micros) {
    return LEFT + micros / length * (RIGHT - LEFT);
  }

  /** The last part of a path, with what tells it from its like. */
  private static String shortened(String id) {
    String name = id.replaceFirst("^virtio-mmio@0*", "").replace("riscv_virt_board.", "");
    return name.length() <= 26 ? name : "…" + name.substring(name.length() - 25);
  }
}
