package handover.devices.virtio.backend;

import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;

/** Configurations for tests. */
final class Setups {
  static final ControlState FRESH = ControlState.initial(0x83, true);

  private Setups() {}

  /** A driver with so many queues from {@code base} on, and nothing said on the control queue. */
  static NetConfiguration of(int queues, long base) {
    return of(queues, base, FRESH);
  }

  static NetConfiguration of(int queues, long base, ControlState control) {
    return new NetConfiguration(
        100 << 20,
        true,
        1,
        EnumSet.allOf(ControlClass.class),
        IntStream.range(0, queues).mapToObj(i -> queue(i, base)).toList(),
        FRESH,
        control);
  }

  static NetConfiguration withoutDriver() {
    return new NetConfiguration(
        100 << 20, false, 0, EnumSet.noneOf(ControlClass.class), List.of(), FRESH, FRESH);
  }

  static QueueSetup queue(int index, long base) {
    return new QueueSetup(index, 256, base + index, base + index + 100, base + index + 200);
  }

  static List<QueuePosition> positions(int queues) {
    return IntStream.range(0, queues).mapToObj(i -> new QueuePosition(i, i * 3, 0)).toList();
  }
}
