package handover.devices.pci;

import handover.memory.RamBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A function's expansion ROM (PCI Local Bus 3.0, 6.2.5.2): code for firmware, which answers where
 * the ROM's own base address register says, once that is enabled. Its bytes are a RAM block, as in
 * QEMU, so that they move with the guest.
 */
public final class OptionRom implements BarRegion {
  /** Least size in bytes; sizes are powers of two. */
  public static final int LEAST = 0x1000;

  /** Largest size in bytes, the specification's. */
  public static final int MOST = 16 << 20;

  /** The register's number among the base address registers. */
  static final int BAR = 6;

  private final RamBlock block;

  /** A ROM of these bytes, {@value #LEAST} to {@value #MOST} of them. */
  public OptionRom(RamBlock block) {
    this.block = block;
  }

  /** Adds the register. */
  public void describe(ConfigLayout layout) {
    layout.bar(new Bar(BAR, Bar.Space.ROM, block.size(), this));
  }

  @Override
  public long load(long offset, int bytes) {
    MemorySegment content = block.segment();
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (content.get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL) << 8 * i;
    }
    return value;
  }

  /** Read-only. */
  @Override
  public void store(long offset, int bytes, long value) {}
}
