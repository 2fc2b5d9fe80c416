package handover.lab;

import handover.monitor.json.Json;
import java.util.ArrayList;
import java.util.List;

/** The time in which a guest stood still, phase by phase and drawn to scale, as text. */
public final class Waterfall {
  private static final int WIDTH = 40;

  private Waterfall() {}

  /**
   * One line per phase.
   *
   * @param detail {@code x-handover} of {@code query-migrate}
   */
  public static List<String> of(Json.Obj detail) {
    List<Json> spans = detail.array("spans");
    long end = 1;
    for (Json each : spans) {
      end = Math.max(end, number((Json.Obj) each, "start") + number((Json.Obj) each, "length"));
    }
    List<String> lines = new ArrayList<>();
    for (Json each : spans) {
      lines.add(line((Json.Obj) each, end));
    }
    for (Json each : detail.array("jvm")) {
      Json.Obj jvm = (Json.Obj) each;
      lines.add(
          "%-11s meanwhile: %d garbage collections (%.0f ms), %d classes loaded"
              .formatted(
                  jvm.text("side").orElse("?"),
                  number(jvm, "collections"),
                  number(jvm, "collection-time") / 1000.0,
                  number(jvm, "classes-loaded")));
    }
    return lines;
  }

  private static String line(Json.Obj span, long end) {
    long start = Math.max(0, number(span, "start"));
    int from = (int) (start * WIDTH / end);
    int marks =
        Math.clamp(number(span, "length") * WIDTH / end, 1, WIDTH - Math.min(from, WIDTH - 1));
    String bar = " ".repeat(Math.min(from, WIDTH - 1)) + "#".repeat(marks);
    return "%-11s %-16s |%-40s| %9.3f ms"
        .formatted(
            span.text("side").orElse("?"),
            span.text("phase").orElse("?"),
            bar,
            number(span, "length") / 1000.0);
  }

  private static long number(Json.Obj object, String member) {
    return object.whole(member).orElse(0);
  }
}
