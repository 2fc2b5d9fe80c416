package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.devices.virtio.VirtioFeatures;
import handover.machine.MachineView.Virtio;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpException.ErrorClass;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.ArrayList;
import java.util.List;

/** Virtio devices: what they offer, and what a driver has made of it. */
final class VirtioCommands {
  private static final String BACK_END = "/virtio-backend";
  private static final int FIRST_COMMON = 24;
  private static final int LAST_COMMON = 41;

  private static final Struct VIRTIO_INFO =
      new Struct(
          "VirtioInfo",
          List.of(
              Member.required("path", STR, "For x-query-virtio-status."),
              Member.required("name", STR, "Kind of device.")));

  private static final Struct FEATURES =
      new Struct(
          "VirtioDeviceFeatures",
          List.of(
              Member.required("transports", new ArrayOf(STR), "Those of rings and transport."),
              Member.optional("dev-features", new ArrayOf(STR), "Those of this kind of device.")));

  private static final Struct STATUS =
      new Struct(
          "VirtioStatus",
          List.of(
              Member.required("name", STR, "Kind of device."),
              Member.required("device-id", INT, "Its number (virtio 1.2, 5)."),
              Member.required("vhost-started", BOOL, "Whether vhost is used: no."),
              Member.required("device-endian", STR, "Byte order: little."),
              Member.required("host-features", FEATURES, "Offered."),
              Member.required("guest-features", FEATURES, "Accepted by the driver."),
              Member.required("num-vqs", INT, "Queues."),
              Member.required(
                  "status",
                  new Struct(
                      "VirtioDeviceStatus",
                      List.of(
                          Member.required(
                              "statuses", new ArrayOf(STR), "Bits of the status field."))),
                  "How far the driver has come."),
              Member.required("started", BOOL, "Whether a driver runs it.")));

  private VirtioCommands() {}

  static List<Command> of(MonitoredMachine machine) {
    return List.of(
        Command.query(
            "x-query-virtio",
            "Virtio devices.",
            List.of(),
            new ArrayOf(VIRTIO_INFO),
            a -> Json.of(machine.view().virtio().stream().map(VirtioCommands::named).toList())),
        Command.query(
            "x-query-virtio-status",
            "What a virtio device offers, and what its driver has accepted.",
            List.of(Member.required("path", STR, "As x-query-virtio says it.")),
            STATUS,
            a -> status(find(machine, a.text("path").orElseThrow()))));
  }

  private static Json named(Virtio device) {
    return Json.object().with("path", device.path()).with("name", device.name()).build();
  }

  private static Virtio find(MonitoredMachine machine, String path) throws QmpException {
    return machine.view().virtio().stream()
        .filter(v -> path.equals(v.path()) || path.equals(v.path() + BACK_END))
        .findFirst()
        .orElseThrow(
            () ->
                new QmpException(
                    ErrorClass.DEVICE_NOT_FOUND,
                    "'%s' is no virtio device; x-query-virtio lists them".formatted(path)));
  }

  private static Json status(Virtio device) {
    List<Json> steps = new ArrayList<>();
    device.driver().steps().forEach(step -> steps.add(Json.of("VIRTIO_CONFIG_S_" + step)));
    return Json.object()
        .with("name", device.name())
        .with("device-id", device.id())
        .with("vhost-started", false)
        .with("device-endian", "little")
        .with("host-features", features(device.name(), device.offered()))
        .with("guest-features", features(device.name(), device.driver().features()))
        .with("num-vqs", device.queues())
        .with("status", Json.object().with("statuses", Json.of(steps)).build())
        .with("started", device.driver().running())
        .build();
  }

  private static Json features(String device, long set) {
    List<Json> common = new ArrayList<>();
    List<Json> own = new ArrayList<>();
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((set >>> bit & 1) != 0) {
        boolean shared = bit >= FIRST_COMMON && bit <= LAST_COMMON;
        (shared ? common : own).add(Json.of(VirtioFeatures.constant(device, bit)));
      }
    }
    return Json.object()
        .with("transports", Json.of(common))
        .with("dev-features", Json.of(own))
        .build();
  }
}
