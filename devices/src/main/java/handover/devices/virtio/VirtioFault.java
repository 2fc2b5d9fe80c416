package handover.devices.virtio;

/** The driver broke a rule of the virtio specification; the message names rule and values. */
public final class VirtioFault extends RuntimeException {
  /** Names the rule and what the driver did. */
  public VirtioFault(String message) {
    super(message);
  }
}
