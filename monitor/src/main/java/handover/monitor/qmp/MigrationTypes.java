package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.NUMBER;
import static handover.monitor.qmp.QmpType.Builtin.SIZE;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.migration.Capability;
import handover.migration.MigrationStatus;
import handover.migration.Parameter;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Enumeration;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import handover.monitor.qmp.QmpType.Union;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The shapes of the migration commands, by QEMU's names. */
final class MigrationTypes {
  static final Enumeration STATUS =
      new Enumeration(
          "MigrationStatus",
          Arrays.stream(MigrationStatus.values()).map(MigrationStatus::wireName).toList());

  private static final Struct INET =
      new Struct(
          "InetSocketAddress",
          List.of(
              Member.required("host", STR, "Name or number."),
              Member.required("port", STR, "Port number.")));

  private static final Struct UNIX =
      new Struct("UnixSocketAddress", List.of(Member.required("path", STR, "File name.")));

  private static final Union SOCKET_ADDRESS =
      new Union(
          "SocketAddress",
          List.of(
              Member.required(
                  "type",
                  new Enumeration("SocketAddressType", List.of("inet", "unix")),
                  "Kind of socket.")),
          "type",
          Map.of("inet", INET, "unix", UNIX));

  private static final Struct FILE =
      new Struct(
          "FileMigrationArgs",
          List.of(
              Member.required("filename", STR, "File name."),
              Member.required("offset", INT, "Where in it the stream begins, in bytes.")));

  private static final Union ADDRESS =
      new Union(
          "MigrationAddress",
          List.of(
              Member.required(
                  "transport",
                  new Enumeration("MigrationAddressType", List.of("socket", "file")),
                  "Kind of transport.")),
          "transport",
          Map.of("socket", SOCKET_ADDRESS, "file", FILE));

  private static final Struct CHANNEL =
      new Struct(
          "MigrationChannel",
          List.of(
              Member.required(
                  "channel-type",
                  new Enumeration("MigrationChannelType", List.of("main")),
                  "What flows through it."),
              Member.required("addr", ADDRESS, "The other end.")));

  static final List<Member> DESTINATION =
      List.of(
          Member.optional(
              "uri",
              STR,
              "tcp:HOST:PORT, unix:PATH or file:PATH[,offset=BYTES]; or give channels."),
          Member.optional("channels", new ArrayOf(CHANNEL), "One main channel; or give uri."));

  static final Struct CAPABILITY_STATE =
      new Struct(
          "MigrationCapabilityStatus",
          List.of(
              Member.required(
                  "capability",
                  new Enumeration(
                      "MigrationCapability",
                      Arrays.stream(Capability.values()).map(Capability::wireName).toList()),
                  "Which."),
              Member.required("state", BOOL, "Whether it is on.")));

  static final Struct PARAMETERS =
      new Struct(
          "MigrationParameters",
          Arrays.stream(Parameter.values())
              .map(p -> Member.optional(p.wireName(), INT, describe(p)))
              .toList());

  private static final Struct RAM =
      new Struct(
          "MigrationStats",
          List.of(
              Member.required("transferred", SIZE, "Bytes on the wire."),
              Member.required("remaining", SIZE, "Bytes still dirty."),
              Member.required("total", SIZE, "Bytes of guest memory."),
              Member.required("duplicate", SIZE, "Zero pages sent."),
              Member.required("normal", SIZE, "Full pages sent."),
              Member.required("normal-bytes", SIZE, "Bytes of full pages sent."),
              Member.required("dirty-pages-rate", SIZE, "Pages dirtied per second."),
              Member.required("mbps", NUMBER, "Megabits per second."),
              Member.required("dirty-sync-count", SIZE, "Rounds."),
              Member.required("postcopy-requests", SIZE, "Always 0: there is no postcopy."),
              Member.required("page-size", SIZE, "Bytes in a page."),
              Member.required("multifd-bytes", SIZE, "Always 0: there is one channel."),
              Member.required("pages-per-second", SIZE, "Pages sent per second.")));

  private static final Struct BACK_END_LINES =
      new Struct(
          "XHandoverBackEndLines",
          List.of(
              Member.required("pinning", SIZE, "Microseconds to make memory reachable."),
              Member.required("vq-creation", SIZE, "Microseconds to set up device and queues."),
              Member.required("control", SIZE, "Microseconds of control commands."),
              Member.required("state-load", SIZE, "Microseconds to tell queues where to go on."),
              Member.required("enable", SIZE, "Microseconds to let the data plane serve.")));

  private static final Struct BACK_END =
      new Struct(
          "XHandoverBackEnd",
          List.of(
              Member.required("early", BACK_END_LINES, "While the guest ran."),
              Member.required("blackout", BACK_END_LINES, "While it was stopped.")));

  private static final Struct DEVICE =
      new Struct(
          "XHandoverDevice",
          List.of(
              Member.required("id", STR, "Section name."),
              Member.required("iterative", BOOL, "Whether its state went early."),
              Member.required("early-bytes", SIZE, "Sent while the guest ran."),
              Member.required("final-bytes", SIZE, "Sent while it was stopped."),
              Member.required("resends", SIZE, "Early states after the first."),
              Member.required("epochs", SIZE, "Resets that voided early states."),
              Member.required("save", SIZE, "Microseconds to save while stopped."),
              Member.required("send", SIZE, "Microseconds to send while stopped."),
              Member.required("load", SIZE, "Microseconds to load while stopped."),
              Member.required("commit", SIZE, "The commit's share of load."),
              Member.optional("backend", BACK_END, "What its back end's set-up cost there.")));

  private static final Struct SPAN =
      new Struct(
          "XHandoverSpan",
          List.of(
              Member.required("side", STR, "source or destination."),
              Member.required("phase", STR, "What was done."),
              Member.required("start", INT, "Microseconds from the stop on the source."),
              Member.required("length", INT, "Microseconds it took.")));

  private static final Struct JVM =
      new Struct(
          "XHandoverJvm",
          List.of(
              Member.required("side", STR, "source or destination."),
              Member.required("collections", SIZE, "Garbage collections while stopped."),
              Member.required("collection-time", SIZE, "Microseconds they took."),
              Member.required("classes-loaded", SIZE, "Classes loaded while stopped.")));

  static final Struct DETAIL =
      new Struct(
          "XHandoverMigration",
          List.of(
              Member.required("total-time", SIZE, "Microseconds since it began."),
              Member.required("setup-time", SIZE, "Microseconds until memory flowed."),
              Member.optional("downtime", SIZE, "Microseconds between two running guests."),
              Member.optional("expected-downtime", SIZE, "The same, estimated."),
              Member.optional("blackout", SIZE, "Microseconds from stop here to start there."),
              Member.optional(
                  "destination-downtime", SIZE, "From hearing of the stop there to the start."),
              Member.required("carried-frames", SIZE, "Frames that followed the guest."),
              Member.required("spans", new ArrayOf(SPAN), "Phases while the guest was stopped."),
              Member.required("jvm", new ArrayOf(JVM), "What fell into that time, per side."),
              Member.required("devices", new ArrayOf(DEVICE), "Each section's share.")));

  static final Struct INFO =
      new Struct(
          "MigrationInfo",
          List.of(
              Member.optional("status", STATUS, "Where it stands; absent before the first."),
              Member.optional("ram", RAM, "Memory."),
              Member.optional("total-time", SIZE, "Milliseconds since it began."),
              Member.optional("expected-downtime", SIZE, "Milliseconds; while active."),
              Member.optional("downtime", SIZE, "Milliseconds; once completed."),
              Member.optional("setup-time", SIZE, "Milliseconds until memory flowed."),
              Member.optional("error-desc", STR, "Why it failed."),
              Member.optional(
                  "socket-address", new ArrayOf(SOCKET_ADDRESS), "Where a machine is waited for."),
              Member.optional("x-handover", DETAIL, "In microseconds and by device.")));

  private MigrationTypes() {}

  private static String describe(Parameter p) {
    return p.unit().isEmpty() ? p.description() : p.description() + " In " + p.unit() + ".";
  }
}
