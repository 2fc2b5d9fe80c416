package handover.devices.net;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.backend.BackEndStep;
import java.util.List;

/**
 * What the control plane of a simulated vDPA device costs, in nanoseconds.
 *
 * @param device setting the device up once it has been reset
 * @param createQueue creating a queue it never had
 * @param modifyQueue giving a queue its addresses, after a creation too
 * @param queueState telling a queue where to go on
 * @param command a control command
 * @param enable letting the data plane serve
 * @param pinGib making a GiB of guest memory reachable
 */
record VdpaCosts(
    long device,
    long createQueue,
    long modifyQueue,
    long queueState,
    long command,
    long enable,
    long pinGib) {
  private static final long MICROS = 1_000;
  private static final long MILLIS = 1_000_000;
  private static final long GIB = 1L << 30;

  /**
   * The properties, with defaults that come to about 250 ms for a cold start with 8 queue pairs.
   */
  static List<Property> declared() {
    return List.of(
        number(
            "device-ms",
            "30",
            "Milliseconds to set the device up (mlx5: about 30 per device, Tatulea 2024)."),
        number(
            "vq-create-us",
            "9700",
            "Microseconds to create a queue (mlx5, 16 pairs: creating them beforehand took"
                + " migration from 370 to 60 ms, Tatulea 2024)."),
        number(
            "vq-modify-us",
            "940",
            "Microseconds to give a queue its addresses (the 60 ms above without the device's 30,"
                + " over 32 queues)."),
        number(
            "vq-state-us",
            "1",
            "Microseconds to tell a queue where to go on (an assumption: none is published)."),
        number(
            "ctrl-us",
            "4000",
            "Microseconds for a control command (an assumption: none is published; it makes up the"
                + " 241 to 269 ms seen with 8 pairs, qemu-devel 2025)."),
        number(
            "enable-us",
            "70",
            "Microseconds to let the data plane serve (qemu-devel 2025: 0.07 ms)."),
        number(
            "pin-ms-per-gib",
            "220",
            "Milliseconds to pin a GiB (qemu-devel 2025: 26 to 31 s for 128 GB)."));
  }

  static VdpaCosts of(PropertyValues values) {
    return new VdpaCosts(
        values.number("device-ms") * MILLIS,
        values.number("vq-create-us") * MICROS,
        values.number("vq-modify-us") * MICROS,
        values.number("vq-state-us") * MICROS,
        values.number("ctrl-us") * MICROS,
        values.number("enable-us") * MICROS,
        values.number("pin-ms-per-gib") * MILLIS);
  }

  /** What the step costs. */
  long of(BackEndStep step) {
    return switch (step) {
      case BackEndStep.Pin s -> Math.round((double) s.bytes() / GIB * pinGib);
      case BackEndStep.Suspend s -> 0;
      case BackEndStep.Reset s -> 0;
      case BackEndStep.SetUpDevice s -> device;
      case BackEndStep.SetUpQueue s -> modifyQueue + (s.create() ? createQueue : 0);
      case BackEndStep.Command s -> command;
      case BackEndStep.LoadState s -> queueState * s.positions().size();
      case BackEndStep.Enable s -> enable;
    };
  }

  private static Property number(String name, String initially, String description) {
    return new Property(name, Property.Kind.NUMBER, initially, false, description);
  }
}
