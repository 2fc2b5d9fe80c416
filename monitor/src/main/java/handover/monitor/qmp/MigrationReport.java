package handover.monitor.qmp;

import handover.migration.MigrationInfo;
import handover.migration.MigrationInfo.Device;
import handover.migration.MigrationInfo.Ram;
import handover.migration.MigrationStatus;
import handover.monitor.json.Json;
import handover.vmstate.BackEndBudget;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What {@code query-migrate} returns: QEMU's members, and ours under {@code x-handover}. */
final class MigrationReport {
  private static final int PAGE_SIZE = 4096;

  private MigrationReport() {}

  /**
   * The report.
   *
   * @param listening where an incoming machine is waited for, if asked for by QMP
   */
  static Json.Obj of(MigrationInfo info, Optional<SocketAddress> listening) {
    if (info.status() == MigrationStatus.NONE) {
      return Json.Obj.EMPTY;
    }
    Json.Builder report = Json.object().with("status", info.status().wireName());
    info.error().ifPresent(error -> report.with("error-desc", error));
    report
        .with("total-time", milliseconds(info.totalTime()))
        .with("setup-time", milliseconds(info.setupTime()))
        .with("ram", ram(info.ram()));
    if (info.status() == MigrationStatus.COMPLETED) {
      info.downtime().ifPresent(us -> report.with("downtime", milliseconds(us)));
    } else {
      info.expectedDowntime().ifPresent(us -> report.with("expected-downtime", milliseconds(us)));
    }
    listening.ifPresent(where -> report.with("socket-address", Json.of(List.of(address(where)))));
    return report.with("x-handover", detail(info)).build();
  }

  private static Json address(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress unix ->
          Json.object().with("type", "unix").with("path", unix.getPath().toString()).build();
      case InetSocketAddress inet ->
          Json.object()
              .with("type", "inet")
              .with("host", inet.getHostString())
              .with("port", Integer.toString(inet.getPort()))
              .build();
      default -> throw new IllegalStateException("neither inet nor unix: " + address);
    };
  }

  /** Rounded up: a downtime of 0 ms would read as "none". */
  private static long milliseconds(long microseconds) {
    return (microseconds + 999) / 1000;
  }

  private static Json ram(Ram ram) {
    return Json.object()
        .with("transferred", ram.transferred())
        .with("remaining", ram.remaining())
        .with("total", ram.total())
        .with("duplicate", ram.duplicate())
        .with("normal", ram.normal())
        .with("normal-bytes", ram.normal() * PAGE_SIZE)
        .with("dirty-pages-rate", ram.dirtyPagesRate())
        .with("mbps", ram.bytesPerSecond() * 8 / 1e6)
        .with("dirty-sync-count", ram.rounds())
        .with("postcopy-requests", 0)
        .with("page-size", PAGE_SIZE)
        .with("multifd-bytes", 0)
        .with("pages-per-second", ram.bytesPerSecond() / PAGE_SIZE)
        .build();
  }

  /** Where the time went, and each section's share; empty before anything was measured. */
  static Json detail(MigrationInfo info) {
    Json.Builder detail =
        Json.object().with("total-time", info.totalTime()).with("setup-time", info.setupTime());
    add(detail, "downtime", info.downtime());
    add(detail, "expected-downtime", info.expectedDowntime());
    add(detail, "blackout", info.blackout());
    add(detail, "destination-downtime", info.timings().destinationDowntime());
    return detail
        .with("carried-frames", info.timings().carriedFrames())
        .with("spans", Json.of(info.timings().spans().stream().map(MigrationReport::span).toList()))
        .with("jvm", Json.of(info.timings().jvm().stream().map(MigrationReport::jvm).toList()))
        .with("devices", Json.of(info.devices().stream().map(MigrationReport::device).toList()))
        .build();
  }

  private static void add(Json.Builder detail, String name, OptionalLong value) {
    value.ifPresent(v -> detail.with(name, v));
  }

  private static Json device(Device device) {
    Json.Builder report = Json.object();
    report
        .with("id", device.id())
        .with("iterative", device.iterative())
        .with("early-bytes", device.earlyBytes())
        .with("final-bytes", device.finalBytes())
        .with("resends", device.resends())
        .with("epochs", device.epochs())
        .with("save", device.save())
        .with("send", device.send())
        .with("load", device.load())
        .with("commit", device.commit());
    device
        .backEnd()
        .ifPresent(
            budget ->
                report.with(
                    "backend",
                    Json.object()
                        .with("early", lines(budget.early()))
                        .with("blackout", lines(budget.blackout()))
                        .build()));
    return report.build();
  }

  private static Json lines(BackEndBudget.Lines lines) {
    return Json.object()
        .with("pinning", lines.pinning())
        .with("vq-creation", lines.vqCreation())
        .with("control", lines.control())
        .with("state-load", lines.stateLoad())
        .with("enable", lines.enable())
        .build();
  }

  private static Json span(MigrationInfo.Span span) {
    return Json.object()
        .with("side", span.side())
        .with("phase", span.phase())
        .with("start", span.start())
        .with("length", span.length())
        .build();
  }

  private static Json jvm(MigrationInfo.Jvm jvm) {
    return Json.object()
        .with("side", jvm.side())
        .with("collections", jvm.collections())
        .with("collection-time", jvm.collectionTime())
        .with("classes-loaded", jvm.classesLoaded())
        .build();
  }
}
