package handover.memory;

import java.lang.foreign.MemorySegment;

/**
 * A named, contiguous piece of guest memory: main RAM, a flash bank, a ROM. The unit in which the
 * migration stream names memory (QEMU's RAMBlock).
 */
public final class RamBlock {
  private final String name;
  private final HostMapping mapping;
  private final DirtyLog dirtyLog;

  /**
   * Wraps host memory.
   *
   * @param name QEMU's name for the block, such as {@code riscv_virt_board.ram}; 1 to 255 bytes
   * @param mapping the host memory, a whole number of 4 KiB pages
   */
  public RamBlock(String name, HostMapping mapping) {
    this.name = name;
    this.mapping = mapping;
    this.dirtyLog = new DirtyLog(mapping.segment().byteSize());
  }

  /** QEMU's name for the block. */
  public String name() {
    return name;
  }

  /** Size in bytes, a multiple of 4096. */
  public long size() {
    return mapping.segment().byteSize();
  }

  /**
   * The bytes. Writers other than harts go through {@link GuestMemory} or mark the log themselves.
   */
  public MemorySegment segment() {
    return mapping.segment();
  }

  /** How the host holds the bytes. */
  public HostMapping mapping() {
    return mapping;
  }

  /**
   * Which pages may hold something: bit {@code i} of the result is clear only if the i-th 4 KiB
   * page reads as zeros, as nobody has written to it. What is written meanwhile is marked as dirty.
   */
  public long[] touchedPages() {
    return mapping.blank() ? dirtyLog.written() : mapping.touchedPages();
  }

  /** The block's dirty log. */
  public DirtyLog dirtyLog() {
    return dirtyLog;
  }
}
