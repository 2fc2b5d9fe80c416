package handover.devices.virtio.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * How interrupts are to be coalesced, queue by queue (virtio 1.3, 5.1.6.5.10).
 *
 * @param queues a limit for each data queue; empty if nothing is put off anywhere
 */
public record InterruptLimits(List<Limit> queues) {
  /** Nothing is put off. */
  public static final InterruptLimits NONE = new InterruptLimits(List.of());

  /**
   * Of one queue: an interrupt after so many packets or microseconds, whichever is first.
   *
   * @param packets as an unsigned number
   * @param microseconds as an unsigned number
   */
  public record Limit(int packets, int microseconds) {
    static final Limit NONE = new Limit(0, 0);
  }

  /** There is one way to say that nothing is put off. */
  public InterruptLimits {
    boolean none = queues.stream().allMatch(Limit.NONE::equals);
    queues = none ? List.of() : List.copyOf(queues);
  }

  /** That of a data queue. */
  Limit of(int queue) {
    return queue < queues.size() ? queues.get(queue) : Limit.NONE;
  }

  /** With another limit for a queue, of so many. */
  InterruptLimits with(int queue, Limit limit, int count) {
    return change(count, i -> i == queue, limit);
  }

  /** With another limit for all receive queues (direction 0) or transmit queues (1), of so many. */
  InterruptLimits withAll(int direction, Limit limit, int count) {
    return change(count, i -> (i & 1) == direction, limit);
  }

  private InterruptLimits change(int count, java.util.function.IntPredicate which, Limit limit) {
    List<Limit> changed = new ArrayList<>();
    for (int i = 0; i < Math.max(count, queues.size()); i++) {
      changed.add(which.test(i) ? limit : of(i));
    }
    return new InterruptLimits(changed);
  }

  /** Whether all receive queues, or all transmit queues, of so many are alike. */
  boolean uniform(int direction, int count) {
    for (int i = direction + 2; i < count; i += 2) {
      if (!of(i).equals(of(direction))) {
        return false;
      }
    }
    return true;
  }
}
