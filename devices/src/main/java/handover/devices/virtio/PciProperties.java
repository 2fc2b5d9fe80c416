package handover.devices.virtio;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.pci.Msix;
import handover.devices.pci.PciAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The properties, by QEMU's names, that every virtio device has on PCI. */
public final class PciProperties {
  private static final String ADDRESS = "addr";
  private static final String VECTORS = "vectors";
  private static final String LEGACY = "disable-legacy";
  private static final String ROM = "romfile";

  private static final List<Property> DECLARED =
      List.of(
          new Property(
              ADDRESS,
              Property.Kind.TEXT,
              "",
              false,
              "SLOT or SLOT.FUNCTION, hexadecimal; the first free slot if not given."),
          new Property(
              "multifunction",
              Property.Kind.BOOL,
              "off",
              true,
              "Whether the slot's other functions may be used."),
          new Property(
              VECTORS,
              Property.Kind.NUMBER,
              "",
              true,
              "MSI-X vectors, 0 for none; one a queue and one more if not given."),
          new Property(
              LEGACY,
              Property.Kind.ON_OFF_AUTO,
              "auto",
              true,
              "Offer no interface from before virtio 1.0; auto is off, as in QEMU on a root bus."),
          new Property(ROM, Property.Kind.TEXT, "", false, "Only empty: there is no option ROM."));

  private PciProperties() {}

  /** Everything that can be set. */
  public static List<Property> declared() {
    return DECLARED;
  }

  /**
   * Checks what was typed; what was wrong has its default in the result.
   *
   * @param driver the driver's name on PCI
   * @param problems hears of everything wrong
   */
  public static PropertyValues bind(
      String driver, Map<String, String> given, Consumer<String> problems) {
    PropertyValues values = PropertyValues.bind(driver, DECLARED, given, problems);
    if (!values.text(ADDRESS).isEmpty() && address(values).isEmpty()) {
      problems.accept(
          "%s: property 'addr' expects SLOT or SLOT.FUNCTION, hexadecimal, up to 1f.7, got '%s'"
              .formatted(driver, values.text(ADDRESS)));
    }
    if (!values.text(VECTORS).isEmpty() && values.number(VECTORS) > Msix.MAX_VECTORS) {
      problems.accept(
          "%s: property 'vectors' is at most %d, got %s"
              .formatted(driver, Msix.MAX_VECTORS, values.text(VECTORS)));
    }
    if (!values.text(ROM).isEmpty()) {
      problems.accept(
          "%s: property 'romfile' expects nothing, as there is no option ROM, got '%s'"
              .formatted(driver, values.text(ROM)));
    }
    return values;
  }

  /** Where the device is to be. */
  public static Optional<PciAddress> address(PropertyValues values) {
    return PciAddress.parse(values.text(ADDRESS));
  }

  /** Puts what is in force in place of what was left open. */
  static void settle(PropertyValues values, VirtioDevice<?> device, PciAddress address) {
    values.set(ADDRESS, address.toString());
    if (values.text(VECTORS).isEmpty()) {
      values.set(VECTORS, Integer.toString(Math.min(device.queueCount() + 1, Msix.MAX_VECTORS)));
    }
    boolean modernOnly =
        values.text(LEGACY).equals("on")
            || !PciIdentity.hasTransitionalId(device.identity().deviceId());
    values.set(LEGACY, modernOnly ? "on" : "off");
  }

  static int vectors(PropertyValues values) {
    return values.number(VECTORS);
  }

  static boolean transitional(PropertyValues values) {
    return values.text(LEGACY).equals("off");
  }

  /** Whether the slot is shared. */
  public static boolean multifunction(PropertyValues values) {
    return values.flag("multifunction");
  }
}
