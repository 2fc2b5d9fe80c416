package handover.devices.virtio.backend;

import java.util.List;
import java.util.Optional;

/**
 * What is wanted of a back end.
 *
 * @param number counts wishes, so that a newer one is told from the one being worked on
 * @param target empty to be reset
 */
record BackEndWish(long number, Optional<Target> target) {
  /** Nothing was wanted yet. */
  static final BackEndWish NONE = new BackEndWish(0, Optional.empty());

  /**
   * A state to be brought to.
   *
   * @param positions where its queues go on; empty to be ready and not to serve
   * @param start which start the positions belong to: those of an older one are loaded anew
   * @param serve whether to work the rings, or to stop short of it
   */
  record Target(
      NetConfiguration configuration,
      Optional<List<QueuePosition>> positions,
      long start,
      boolean serve) {
    static Target ready(NetConfiguration configuration) {
      return new Target(configuration, Optional.empty(), 0, false);
    }
  }

  BackEndWish next(Optional<Target> wanted) {
    return new BackEndWish(number + 1, wanted);
  }
}
