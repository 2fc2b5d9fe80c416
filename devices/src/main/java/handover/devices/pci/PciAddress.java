package handover.devices.pci;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A function's place on the root bus.
 *
 * @param slot 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(int slot, int function) {
  static final int SLOTS = 32;
  static final int FUNCTIONS = 8;

  private static final Pattern TYPED = Pattern.compile("(?:0x)?([0-9a-fA-F]{1,2})(?:\\.([0-7]))?");

  /** Where the host bridge is. */
  public static final PciAddress HOST_BRIDGE = new PciAddress(0, 0);

  /** Checks the range. */
  public PciAddress {
    if (slot < 0 || slot >= SLOTS || function < 0 || function >= FUNCTIONS) {
      throw new IllegalArgumentException("no PCI address: %d.%d".formatted(slot, function));
    }
  }

  /** The place with this number among 256. */
  static PciAddress of(int devfn) {
    return new PciAddress(devfn >> 3, devfn & 7);
  }

  /** What {@code addr=} says: {@code SLOT} or {@code SLOT.FUNCTION}, hexadecimal as in QEMU. */
  public static Optional<PciAddress> parse(String typed) {
    Matcher parts = TYPED.matcher(typed);
    if (!parts.matches()) {
      return Optional.empty();
    }
    int slot = Integer.parseInt(parts.group(1), 16);
    int function = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
    return slot < SLOTS ? Optional.of(new PciAddress(slot, function)) : Optional.empty();
  }

  /** Number among the bus's 256 places. */
  public int devfn() {
    return slot << 3 | function;
  }

  /** QEMU's name in section names: {@code 0000:00:SLOT.FUNCTION}. */
  public String path() {
    return "0000:00:%02x.%x".formatted(slot, function);
  }

  /** As {@code addr=} would say it. */
  @Override
  public String toString() {
    return "%x.%x".formatted(slot, function);
  }
}
