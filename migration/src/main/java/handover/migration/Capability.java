package handover.migration;

import java.util.Arrays;
import java.util.Optional;

/** Migration capabilities: declared here, offered by QMP, HMP, command line and help alike. */
public enum Capability {
  RETURN_PATH(
      "return-path", true, "The destination reports success, failure and acknowledgements."),
  VIRTIO_ITERATIVE(
      "virtio-iterative", true, "Devices with iterative-mig=auto may migrate iteratively."),
  SWITCHOVER_ACK(
      "switchover-ack", false, "Switchover waits for the destination's word (QEMU's form)."),
  CARRY_FRAMES(
      "carry-frames",
      true,
      "Frames that reach the source after the guest stopped follow it, between two Handovers."),
  EVENTS("events", true, "MIGRATION and MIGRATION_PASS events are sent."),
  X_REHEARSE(
      "x-rehearse",
      true,
      "Saving and loading are rehearsed while memory flows, so that they are not slow at the stop."),
  X_WARM_ARRIVAL(
      "x-warm-arrival",
      false,
      "The source tells where the guest is hot; the destination compiles that before it arrives."),
  X_VERIFY_RAM(
      "x-verify-ram",
      false,
      "Both sides digest all of RAM while the guest is stopped; a difference is refused.");

  private final String wireName;
  private final boolean initially;
  private final String description;

  Capability(String wireName, boolean initially, String description) {
    this.wireName = wireName;
    this.initially = initially;
    this.description = description;
  }

  /** Name in QMP and HMP. */
  public String wireName() {
    return wireName;
  }

  /** State at start-up. */
  public boolean initially() {
    return initially;
  }

  /** One sentence for help. */
  public String description() {
    return description;
  }

  /** Finds by {@link #wireName}. */
  public static Optional<Capability> named(String name) {
    return Arrays.stream(values()).filter(c -> c.wireName.equals(name)).findFirst();
  }
}
