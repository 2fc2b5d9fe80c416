package handover.monitor.hmp;

import handover.monitor.json.Json;

/** A {@code query-migrate} report in lines for people. */
final class MigrationText {
  private final StringBuilder text = new StringBuilder();

  private MigrationText() {}

  static String of(Json.Obj report) {
    MigrationText lines = new MigrationText();
    lines.add("Migration status: %s".formatted(report.text("status").orElse("none")));
    report.text("error-desc").ifPresent(error -> lines.add("error: %s".formatted(error)));
    lines.milliseconds("total time", report, "total-time");
    lines.milliseconds("setup", report, "setup-time");
    lines.milliseconds("downtime", report, "downtime");
    lines.milliseconds("expected downtime", report, "expected-downtime");
    report.object("ram").ifPresent(lines::ram);
    report.object("x-handover").ifPresent(lines::detail);
    return lines.text.toString();
  }

  private void add(String line) {
    text.append(line).append('\n');
  }

  private void milliseconds(String label, Json.Obj report, String member) {
    report.whole(member).ifPresent(ms -> add("%s: %d ms".formatted(label, ms)));
  }

  private void ram(Json.Obj ram) {
    add("throughput: %.2f mbps".formatted(ram.number("mbps").orElse(0.0)));
    kibibytes("transferred ram", ram, "transferred");
    kibibytes("remaining ram", ram, "remaining");
    kibibytes("total ram", ram, "total");
    add("duplicate: %d pages".formatted(ram.whole("duplicate").orElse(0)));
    add("normal: %d pages".formatted(ram.whole("normal").orElse(0)));
    add("dirty sync count: %d".formatted(ram.whole("dirty-sync-count").orElse(0)));
    add("dirty pages rate: %d pages/s".formatted(ram.whole("dirty-pages-rate").orElse(0)));
  }

  private void kibibytes(String label, Json.Obj ram, String member) {
    add("%s: %d kbytes".formatted(label, ram.whole(member).orElse(0) >> 10));
  }

  private void detail(Json.Obj detail) {
    detail.whole("blackout").ifPresent(us -> add("blackout: %d us".formatted(us)));
    for (Json each : detail.array("devices")) {
      device((Json.Obj) each);
    }
  }

  /** A device that nothing was sent of, as when nobody could be reached, is not worth a line. */
  private void device(Json.Obj d) {
    if (d.whole("early-bytes").orElse(0) + d.whole("final-bytes").orElse(0) > 0) {
      add(
          "device %s: %s, early %d bytes (%d resent), final %d bytes, save %d us, load %d us"
              .formatted(
                  d.text("id").orElse("?"),
                  d.flag("iterative").orElse(false) ? "iterative" : "classic",
                  d.whole("early-bytes").orElse(0),
                  d.whole("resends").orElse(0),
                  d.whole("final-bytes").orElse(0),
                  d.whole("save").orElse(0),
                  d.whole("load").orElse(0)));
    }
  }
}
