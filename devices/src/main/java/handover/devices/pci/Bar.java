package handover.devices.pci;

/**
 * A base address register (PCI Local Bus 3.0, 6.2.5.1).
 *
 * @param index 0 to 5, where a 64-bit one also takes the next; {@link OptionRom#BAR} for the ROM's
 * @param space where it decodes
 * @param size a power of two, at least 16 in memory and 4 in I/O space
 * @param region who answers
 */
public record Bar(int index, Space space, long size, BarRegion region) {
  private static final int FIRST = 0x10;
  private static final int ROM_OFFSET = 0x30;
  private static final int ROM_ENABLE = 1;
  private static final long LOW = 0xffff_ffffL;

  /** Kinds of registers, with the read-only bits that say so. */
  public enum Space {
    /** I/O ports. */
    IO(1, 3),
    /** Memory below 4 GiB. */
    MEMORY_32(0, 0xf),
    /** Prefetchable memory anywhere. */
    MEMORY_64(0xc, 0xf),
    /** Memory below 4 GiB with a switch of its own (6.2.5.2). */
    ROM(0, 0x7ff);

    final int type;
    final int typeMask;

    Space(int type, int typeMask) {
      this.type = type;
      this.typeMask = typeMask;
    }
  }

  /** Checks the size. */
  public Bar {
    if (Long.bitCount(size) != 1 || size <= space.typeMask) {
      throw new IllegalArgumentException("BAR %d of %d bytes".formatted(index, size));
    }
  }

  boolean io() {
    return space == Space.IO;
  }

  /** Offset of the register in configuration space. */
  int offset() {
    return space == Space.ROM ? ROM_OFFSET : FIRST + 4 * index;
  }

  /** Bytes of the register. */
  int width() {
    return space == Space.MEMORY_64 ? 8 : 4;
  }

  /** Bits that a guest may write. */
  long writable() {
    return space == Space.ROM ? -size | ROM_ENABLE : -size;
  }

  /** Whether the register itself lets the region answer. */
  boolean enabled(ConfigSpace config) {
    return space != Space.ROM || (config.load(offset(), 1) & ROM_ENABLE) != 0;
  }

  /**
   * Where the register says the region lies; 0 for nowhere, which is also where a register that was
   * only sized, or never written, points.
   */
  long address(ConfigSpace config) {
    long value = config.load(offset(), 4) & LOW & -size;
    if (space == Space.MEMORY_64) {
      value |= config.load(offset() + 4, 4) << 32;
    }
    return value & ~space.typeMask;
  }
}
