package handover.devices.virtio;

import java.util.Optional;

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

  // ---- What only some transports have.

  /** Whether it offers the interface from before virtio 1.0 as well. */
  default boolean transitional() {
    return false;
  }

  /** Whether the driver at work speaks the old interface, on a transport that has both. */
  default boolean legacyDriver() {
    return legacy();
  }

  /** What saved state has of the transport's PCI function, if it is one. */
  default Optional<PciShape> pci() {
    return Optional.empty();
  }

  /** Whether the device may access memory now. */
  default boolean reachesMemory() {
    return true;
  }

  /** A queue's bit in the interrupt status was set. Called under the device's lock. */
  default void signalQueue(int queue) {}

  /** The configuration bit in the interrupt status was set. Called under the device's lock. */
  default void signalConfig() {}

  /** The driver, or the machine, reset the device. Called under the device's lock. */
  default void deviceReset() {}

  /** The machine stopped, or runs again. Called under the device's lock. */
  default void hold(boolean stopped) {}

  /** Takes what the transport has of HOT state. Called under the device's lock. */
  default void loadHot(VirtioState state) {}
}
