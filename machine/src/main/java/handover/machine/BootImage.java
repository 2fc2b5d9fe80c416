package handover.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A program ready to be put into memory.
 *
 * @param entry guest-physical address to jump to
 * @param segments what goes where, in file order
 */
record BootImage(long entry, List<Segment> segments) {
  private static final int ELF_MAGIC = 0x7f454c46;
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int LOADABLE = 1;
  private static final int MACHINE_RISCV = 243;

  private static final int GZIP_MAGIC = 0x1f8b;

  /** Where the Linux boot image header ({@code Documentation/arch/riscv/boot-image-header.rst}). */
  private static final int LINUX_MAGIC_AT = 56;

  private static final int LINUX_MAGIC = 0x05435352;
  private static final int LINUX_IMAGE_SIZE_AT = 16;
  private static final int LINUX_HEADER = 64;

  /**
   * Bytes to copy, and the size in memory; the rest is zero.
   *
   * @param address guest-physical
   */
  record Segment(long address, ByteBuffer content, long memoryBytes) {
    long end() {
      return address + memoryBytes;
    }
  }

  /** A file that is not what it should be; the text says why. */
  static final class BadImage extends Exception {
    private static final long serialVersionUID = 1;

    BadImage(String message) {
      super(message);
    }
  }

  /** First address after everything. */
  long end() {
    return segments.stream().mapToLong(Segment::end).max().orElse(entry);
  }

  static boolean isElf(ByteBuffer file) {
    return file.limit() >= 4 && file.getInt(0) == ELF_MAGIC;
  }

  /** Puts the whole file at {@code address}. */
  static BootImage raw(ByteBuffer file, long address) throws BadImage {
    if (file.limit() == 0) {
      throw new BadImage("the file is empty");
    }
    return new BootImage(address, List.of(new Segment(address, file, file.limit())));
  }

  /** A flat kernel: Linux's own header says how much memory it takes beyond the file. */
  static BootImage kernel(ByteBuffer file, long address) throws BadImage {
    if (file.limit() >= 2 && (file.getShort(0) & 0xffff) == GZIP_MAGIC) {
      throw new BadImage("it is compressed with gzip; decompress it first (gunzip)");
    }
    if (file.limit() < LINUX_HEADER || little(file).getInt(LINUX_MAGIC_AT) != LINUX_MAGIC) {
      return raw(file, address);
    }
    long size = little(file).getLong(LINUX_IMAGE_SIZE_AT);
    if (size < 0 || size > 1L << 32) {
      throw new BadImage("its Linux header claims an image size of %d bytes".formatted(size));
    }
    Segment segment = new Segment(address, file, Math.max(size, file.limit()));
    return new BootImage(address, List.of(segment));
  }

  /** A RISC-V ELF64 executable, loaded at its physical addresses. */
  static BootImage elf(ByteBuffer file) throws BadImage {
    if (file.limit() < ELF_HEADER) {
      throw new BadImage("the ELF header is cut off");
    }
    ByteBuffer header = little(file);
    if (file.get(4) != 2 || file.get(5) != 1 || (header.getShort(18) & 0xffff) != MACHINE_RISCV) {
      throw new BadImage("expected a 64-bit little-endian RISC-V ELF file");
    }
    long table = header.getLong(32);
    int count = header.getShort(56) & 0xffff;
    if ((header.getShort(54) & 0xffff) != PROGRAM_HEADER
        || table < 0
        || table > file.limit() - (long) count * PROGRAM_HEADER) {
      throw new BadImage("the ELF program headers lie outside the file");
    }
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      addSegment(file, (int) table + i * PROGRAM_HEADER, segments);
    }
    if (segments.isEmpty()) {
      throw new BadImage("the ELF file has nothing to load");
    }
    return new BootImage(physicalEntry(file), List.copyOf(segments));
  }

  private static void addSegment(ByteBuffer file, int at, List<Segment> segments) throws BadImage {
    ByteBuffer header = little(file);
    long memory = header.getLong(at + 40);
    if (header.getInt(at) != LOADABLE || memory == 0) {
      return;
    }
    long offset = header.getLong(at + 8);
    long length = header.getLong(at + 32);
    if (offset < 0 || length < 0 || offset > file.limit() - length || length > memory) {
      throw new BadImage("an ELF segment lies outside the file");
    }
    long address = header.getLong(at + 24);
    if (address < 0 || address > Long.MAX_VALUE - memory) {
      throw new BadImage(
          "an ELF segment of %d bytes at 0x%x lies beyond all memory".formatted(memory, address));
    }
    segments.add(new Segment(address, header.slice((int) offset, (int) length), memory));
  }

  /** The entry point is a virtual address; it is reached at its segment's physical one. */
  private static long physicalEntry(ByteBuffer file) {
    ByteBuffer header = little(file);
    long entry = header.getLong(24);
    int table = (int) header.getLong(32);
    for (int i = 0; i < (header.getShort(56) & 0xffff); i++) {
      int at = table + i * PROGRAM_HEADER;
      long offset = entry - header.getLong(at + 16);
      if (header.getInt(at) == LOADABLE && offset >= 0 && offset < header.getLong(at + 40)) {
        return header.getLong(at + 24) + offset;
      }
    }
    return entry;
  }

  private static ByteBuffer little(ByteBuffer file) {
    return file.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
