package handover.diagnosis.translate;

import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Entries that QEMU's virtio devices give their queues unless told otherwise. */
final class QueueRoom {
  /** A device's queues: most are alike. */
  private record Usual(int most, int other, BiPredicate<Integer, Integer> odd) {
    int of(int queue, int queues) {
      return odd.test(queue, queues) ? other : most;
    }
  }

  private static final Map<String, Usual> DEVICES =
      Map.of(
          // The last one, behind pairs, is for control.
          "virtio-net",
              new Usual(256, 64, (queue, queues) -> queue % 2 == 0 && queue == queues - 1),
          "virtio-blk", new Usual(256, 256, (queue, queues) -> false),
          "virtio-rng", new Usual(8, 8, (queue, queues) -> false),
          "virtio-console", new Usual(128, 32, (queue, queues) -> queue == 2 || queue == 3));

  private QueueRoom() {}

  /** Whether the device's layout is known here. */
  static boolean knows(String device) {
    return DEVICES.containsKey(device);
  }

  /** The room of a queue, of a device with so many. */
  static Optional<Integer> of(String device, int queue, int queues) {
    return Optional.ofNullable(DEVICES.get(device)).map(usual -> usual.of(queue, queues));
  }
}
