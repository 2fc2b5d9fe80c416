package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;

import handover.machine.MachineListener.ShutdownCause;
import handover.monitor.qmp.QmpType.Enumeration;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One of QMP's events, declared once.
 *
 * @param name as on the wire
 * @param description one sentence
 * @param data what it carries
 */
record EventType(String name, String description, Struct data) {
  private static final List<Member> CAUSE =
      List.of(
          Member.required("guest", BOOL, "Whether the guest did it."),
          Member.required("reason", new Enumeration("ShutdownCause", reasons()), "Why."));

  static final EventType STOP =
      of(
          "STOP",
          "The guest was paused. A move tells it when the guest runs again, stamped with the time of the pause.",
          List.of());
  static final EventType RESUME = of("RESUME", "The guest runs.", List.of());
  static final EventType RESET = of("RESET", "The guest was reset.", CAUSE);
  static final EventType SHUTDOWN = of("SHUTDOWN", "The machine ends.", CAUSE);
  static final EventType POWERDOWN = of("POWERDOWN", "The power button was pressed.", List.of());
  static final EventType MIGRATION =
      of(
          "MIGRATION",
          "A migration's status changed; needs capability events.",
          List.of(
              Member.required("status", MigrationTypes.STATUS, "The new status."),
              Member.optional("x-handover", MigrationTypes.DETAIL, "Once completed: its cost.")));
  static final EventType MIGRATION_PASS =
      of(
          "MIGRATION_PASS",
          "A round over dirty memory finished; needs capability events.",
          List.of(Member.required("pass", INT, "Rounds so far.")));

  static final List<EventType> ALL =
      List.of(STOP, RESUME, RESET, SHUTDOWN, POWERDOWN, MIGRATION, MIGRATION_PASS);

  /** QMP's word for why a machine ended. */
  static String reason(ShutdownCause cause) {
    return cause.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static List<String> reasons() {
    return Stream.concat(
            Arrays.stream(ShutdownCause.values()).map(EventType::reason),
            Stream.of("host-qmp-system-reset", "guest-reset"))
        .toList();
  }

  private static EventType of(String name, String description, List<Member> members) {
    Struct data = members.isEmpty() ? QmpType.EMPTY : new Struct(name + "-arg", members);
    return new EventType(name, description, data);
  }
}
