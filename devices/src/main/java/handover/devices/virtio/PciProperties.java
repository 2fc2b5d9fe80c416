package handover.devices.virtio;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.pci.Msix;
import handover.devices.pci.OptionRom;
import handover.devices.pci.PciAddress;
import java.nio.file.Path;
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
  private static final String ROM_SIZE = "romsize";

  private static final int NETWORK_CARD = 1;

  /** What every edition of iPXE for virtio-net, which QEMU takes, is rounded up to. */
  private static final int NETWORK_ROM = 256 << 10;

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
          new Property(
              ROM,
              Property.Kind.TEXT,
              "",
              false,
              "Option ROM's image; empty for no ROM. A network card that is not told has one as in"
                  + " QEMU, blank until a guest brings its contents."),
          new Property(
              ROM_SIZE,
              Property.Kind.NUMBER,
              "",
              true,
              "Option ROM's bytes, a power of two or 0; what the image takes if not given."));

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
    String romSize = values.text(ROM_SIZE);
    if (!romSize.isEmpty() && !romSizeAllowed(values.number(ROM_SIZE))) {
      problems.accept(
          "%s: property 'romsize' expects 0 or a power of two from %d to %d, got %s"
              .formatted(driver, OptionRom.LEAST, OptionRom.MOST, romSize));
    }
    if (given.getOrDefault(ROM, "absent").isEmpty()) {
      values.set(ROM_SIZE, "0");
    }
    return values;
  }

  private static boolean romSizeAllowed(int bytes) {
    return bytes == 0
        || Integer.bitCount(bytes) == 1 && bytes >= OptionRom.LEAST && bytes <= OptionRom.MOST;
  }

  /** The option ROM's image, if one is named. */
  public static Optional<Path> romFile(PropertyValues values) {
    return Optional.of(values.text(ROM)).filter(name -> !name.isEmpty()).map(Path::of);
  }

  /**
   * Settles the size of the option ROM: as given, else as much as the image takes, else QEMU's for
   * the ROM that it gives a network card.
   *
   * @param fileBytes size of the image, 0 for none
   * @return bytes, 0 for no ROM
   */
  public static int settleRomSize(PropertyValues values, VirtioDevice<?> device, int fileBytes) {
    if (values.text(ROM_SIZE).isEmpty()) {
      boolean card = device.identity().deviceId() == NETWORK_CARD;
      int bytes = fileBytes > 0 ? romRoom(fileBytes) : card ? NETWORK_ROM : 0;
      values.set(ROM_SIZE, Integer.toString(bytes));
    }
    return values.number(ROM_SIZE);
  }

  private static int romRoom(int fileBytes) {
    int room = Math.max(fileBytes, OptionRom.LEAST);
    int power = Integer.highestOneBit(room);
    return power == room ? room : 2 * power;
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
