package handover.diagnosis.check;

import handover.diagnosis.stream.Text;
import handover.monitor.json.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** A check in words and as JSON. */
public final class CheckReport {
  private CheckReport() {}

  /** Prints it for people: what breaks, how, what to change; then, if asked for, the rest. */
  public static void print(MachineCheck check, PrintWriter out, boolean everything) {
    out.printf("source:      %s%n", describe(check.source()));
    out.printf("destination: %s%n%n", describe(check.destination()));
    check.breaking().forEach(d -> explain("BREAKS", d, out));
    check.risks().forEach(d -> explain("RISK", d, out));
    List<Difference> harmless =
        check.differences().stream().filter(d -> d.outcome() == Outcome.HARMLESS).toList();
    if (everything) {
      harmless.forEach(
          d -> out.printf("harmless: %s%n          (%s)%n", Text.of(d.line()), d.how()));
    } else if (!harmless.isEmpty()) {
      out.printf(
          "Differences that do not matter to a migration: %d (--all shows them).%n",
          harmless.size());
    }
    out.println(verdict(check));
    out.flush();
  }

  private static void explain(String weight, Difference d, PrintWriter out) {
    out.printf("%s: %s%n", weight, Text.of(d.line()));
    out.printf("    how:    %s; %s%n", d.outcome().words(), d.how());
    out.printf("    change: %s%n", d.remedy());
  }

  private static String describe(MachineFacts m) {
    return "%s, %s%s, %d CPU%s, %d devices, %s"
        .formatted(
            m.name(),
            m.architecture(),
            m.machine().map(t -> " " + t).orElse(""),
            m.cpus(),
            m.cpus() == 1 ? "" : "s",
            m.devices().size(),
            m.status());
  }

  /** The verdict in one sentence. */
  public static String verdict(MachineCheck check) {
    return switch (check.outcome()) {
      case HARMLESS -> "Nothing was found that would break this migration.";
      case RISK -> "This migration would work, but it may harm the guest.";
      case REFUSAL -> "This migration would be refused at once; the guest stays at the source.";
      case FAILURE -> "This migration would fail; the guest stays at the source.";
      case HANG -> "This migration would hang until it is cancelled.";
      case LOST ->
          "This migration would fail, and the guest be lost. Switch return-path on at the source:"
              + " it then learns of the failure, and the guest stays.";
    };
  }

  /** All of it for programs. */
  public static Json json(MachineCheck check) {
    List<Json> all = check.differences().stream().map(CheckReport::json).toList();
    return Json.object()
        .with("works", !check.outcome().breaks())
        .with("outcome", name(check.outcome()))
        .with("verdict", verdict(check))
        .with("source", side(check.source()))
        .with("destination", side(check.destination()))
        .with("differences", Json.of(all))
        .build();
  }

  private static Json json(Difference d) {
    return Json.object()
        .with("rule", d.rule())
        .with("subject", d.subject())
        .with("source", d.source())
        .with("destination", d.destination())
        .with("outcome", name(d.outcome()))
        .with("how", d.how())
        .with("remedy", d.remedy())
        .build();
  }

  private static Json side(MachineFacts m) {
    Json.Builder json =
        Json.object()
            .with("name", m.name())
            .with("arch", m.architecture())
            .with("status", m.status());
    m.machine().ifPresent(type -> json.with("machine", type));
    return json.with("cpus", m.cpus()).with("devices", m.devices().size()).build();
  }

  private static String name(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
