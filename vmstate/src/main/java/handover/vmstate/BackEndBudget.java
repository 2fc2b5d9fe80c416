package handover.vmstate;

/**
 * What setting up a device's back end has cost the destination of a migration.
 *
 * @param early while the guest still ran on the source
 * @param blackout while it stood still
 */
public record BackEndBudget(Lines early, Lines blackout) {
  /**
   * The budget's lines, in microseconds.
   *
   * @param pinning making guest memory reachable
   * @param vqCreation setting up the device and creating or modifying its queues
   * @param control replaying control commands
   * @param stateLoad telling each queue where to go on
   * @param enable letting the data plane serve
   */
  public record Lines(long pinning, long vqCreation, long control, long stateLoad, long enable) {
    /** All of it. */
    public long total() {
      return pinning + vqCreation + control + stateLoad + enable;
    }
  }
}
