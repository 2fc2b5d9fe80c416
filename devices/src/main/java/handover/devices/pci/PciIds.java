package handover.devices.pci;

/** Identifiers that several functions share. */
public final class PciIds {
  /** Subsystem vendor of QEMU's devices. */
  public static final int SUBSYSTEM_VENDOR = 0x1af4;

  /** Subsystem of QEMU's devices. */
  public static final int SUBSYSTEM = 0x1100;

  private PciIds() {}
}
