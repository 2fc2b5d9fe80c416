package handover.devices.virtio;

/** How a virtio device is reached: what the device needs to know of it, and no more. */
public interface VirtioTransport {
  /** The device's place in the stream's section names, such as {@code virtio-mmio@…10008000}. */
  String path();

  /** Whether drivers speak the interface from before virtio 1.0. */
  boolean legacy();

  /** Puts the transport's own registers into {@code state}. Called under the device's lock. */
  void save(VirtioState state);

  /** Takes the transport's own registers from {@code state}. Called under the device's lock. */
  void load(VirtioState state);

  /** Back to power-on state. Called under the device's lock. */
  void reset();
}
