package handover.migration;

import handover.memory.DirtyLog;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.memory.ZeroMemory;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Receives RAM. Every name, size and offset is checked before memory is touched. */
final class RamLoader {
  private static final int KNOWN =
      RamFormat.ZERO
          | RamFormat.MEM_SIZE
          | RamFormat.PAGE_DATA
          | RamFormat.EOS
          | RamFormat.CONTINUE;

  private final List<RamBlock> blocks;
  private final Set<String> optional;
  private final StreamInput in;
  private final WireReader reader;
  private final long[][] touched;
  private int current = -1;
  private boolean described;
  private boolean inRuns;
  private long zeroPages;
  private long normalPages;

  /**
   * Receives into {@code blocks}.
   *
   * @param optional names of blocks that need not come
   */
  RamLoader(List<RamBlock> blocks, Set<String> optional, StreamInput in, WireReader reader) {
    this.blocks = blocks;
    this.optional = optional;
    this.in = in;
    this.reader = reader;
    this.touched = new long[blocks.size()][];
  }

  /** The other side is a Handover, which may send runs of pages. */
  void inRuns() {
    inRuns = true;
  }

  /** Whether the list of blocks has been read and agreed with ours. */
  boolean described() {
    return described;
  }

  long zeroPages() {
    return zeroPages;
  }

  long normalPages() {
    return normalPages;
  }

  /** Reads records up to and including the end mark. */
  void load() {
    long head = header();
    while ((head & RamFormat.FLAGS) != RamFormat.EOS) {
      record(head);
      head = header();
    }
  }

  private long header() {
    long before = in.position();
    long head = in.u64();
    reader.passed(in.position() - before);
    return head;
  }

  private void record(long head) {
    int flags = (int) head & RamFormat.FLAGS;
    long offset = head & ~(long) RamFormat.FLAGS;
    if ((flags & ~(inRuns ? KNOWN | RamFormat.RUN : KNOWN)) != 0) {
      throw reader.malformed(
          "plain RAM pages; switch xbzrle, compress and multifd off on the source",
          "record flags 0x%x".formatted(flags));
    }
    switch (flags & ~RamFormat.CONTINUE) {
      case RamFormat.MEM_SIZE -> sizes(offset);
      case RamFormat.PAGE_DATA -> page(target(flags, offset), offset);
      case RamFormat.ZERO -> zeros(target(flags, offset), offset);
      case RamFormat.PAGE_DATA | RamFormat.RUN -> run(target(flags, offset), offset);
      case RamFormat.ZERO | RamFormat.RUN -> zeroRun(target(flags, offset), offset);
      default -> throw reader.malformed("one kind of record", "flags 0x%x".formatted(flags));
    }
  }

  private void page(MemorySegment memory, long offset) {
    in.copyTo(memory, offset, RamFormat.PAGE);
    touch(offset, 1);
    reader.passed(RamFormat.PAGE);
    normalPages++;
  }

  private void run(MemorySegment memory, long offset) {
    int count = countOfRun(offset);
    int length = count << DirtyLog.PAGE_SHIFT;
    // Even if it is cut off: then its pages are not what they were.
    touch(offset, count);
    in.pages(memory, offset, length);
    reader.passed(length);
    normalPages += count;
  }

  /** A page, and those that go on behind it as far as they have come. */
  private void zeros(MemorySegment memory, long offset) {
    byte value = (byte) in.u8();
    long most = (blocks.get(current).size() - offset) >>> DirtyLog.PAGE_SHIFT;
    long next = offset + RamFormat.PAGE | RamFormat.ZERO | RamFormat.CONTINUE;
    int count = 1;
    while (count < Math.min(most, RamFormat.LONGEST_RUN) && in.skip(next, value)) {
      next += RamFormat.PAGE;
      count++;
    }
    reader.passed(1 + (count - 1) * (Long.BYTES + 1L));
    fill(memory, offset, count, value);
  }

  private void zeroRun(MemorySegment memory, long offset) {
    int count = countOfRun(offset);
    byte value = (byte) in.u8();
    reader.passed(1);
    fill(memory, offset, count, value);
  }

  private void fill(MemorySegment memory, long offset, int count, byte value) {
    if (value != 0) {
      overwrite(memory, offset, count, value);
    } else {
      clear(memory, offset, count);
    }
    zeroPages += count;
  }

  /** Reading or writing untouched memory would make it resident for nothing. */
  private void clear(MemorySegment memory, long offset, int count) {
    long page = offset >>> DirtyLog.PAGE_SHIFT;
    long end = page + count;
    while (page < end) {
      long bits = touched[current][(int) (page >>> 6)] >>> page;
      int untouched = Math.min(Long.numberOfTrailingZeros(bits), Long.SIZE - (int) (page & 63));
      page += untouched;
      if (untouched == 0) {
        int pages = (int) Math.min(Long.numberOfTrailingZeros(~bits), end - page);
        clearTouched(memory, page << DirtyLog.PAGE_SHIFT, pages);
        page += pages;
      }
    }
  }

  private void clearTouched(MemorySegment memory, long offset, int count) {
    int page = 0;
    while (page < count) {
      long at = offset + ((long) page << DirtyLog.PAGE_SHIFT);
      int zeros = ZeroMemory.pages(memory, at, count - page);
      if (zeros < count - page) {
        overwrite(memory, at + ((long) zeros << DirtyLog.PAGE_SHIFT), 1, (byte) 0);
      }
      page += zeros + 1;
    }
  }

  private void overwrite(MemorySegment memory, long offset, int count, byte value) {
    memory.asSlice(offset, (long) count << DirtyLog.PAGE_SHIFT).fill(value);
    touch(offset, count);
  }

  private int countOfRun(long offset) {
    int count = reader.u32();
    long pages = blocks.get(current).size() - offset >>> DirtyLog.PAGE_SHIFT;
    if (count <= 0 || count > Math.min(pages, RamFormat.LONGEST_RUN)) {
      throw reader.malformed(
          "a run of 1 to %d pages at 0x%x of block %s"
              .formatted(
                  Math.min(pages, RamFormat.LONGEST_RUN), offset, blocks.get(current).name()),
          Integer.toUnsignedString(count));
    }
    return count;
  }

  private void touch(long offset, int count) {
    long page = offset >>> DirtyLog.PAGE_SHIFT;
    HostMapping.setRange(touched[current], page, page + count);
    blocks.get(current).dirtyLog().mark(offset, (long) count << DirtyLog.PAGE_SHIFT);
  }

  private MemorySegment target(int flags, long offset) {
    if (!described) {
      throw reader.malformed("the list of RAM blocks first", "a page");
    }
    if ((flags & RamFormat.CONTINUE) == 0) {
      current = find(reader.counted());
    }
    if (current < 0) {
      throw reader.malformed("a RAM block's name", "a page that continues no block");
    }
    RamBlock block = blocks.get(current);
    if (offset < 0 || offset > block.size() - RamFormat.PAGE) {
      throw reader.malformed(
          "an offset inside block %s of %d bytes".formatted(block.name(), block.size()),
          "0x%x".formatted(offset));
    }
    return block.segment();
  }

  private int find(String name) {
    for (int i = 0; i < blocks.size(); i++) {
      if (blocks.get(i).name().equals(name)) {
        return i;
      }
    }
    throw reader.malformed("one of our RAM blocks " + names(), "'" + name + "'");
  }

  private List<String> names() {
    return blocks.stream().map(RamBlock::name).toList();
  }

  /** Names and sizes up to the announced total; every difference goes into one complaint. */
  private void sizes(long total) {
    Map<String, Long> ours = new LinkedHashMap<>();
    blocks.forEach(b -> ours.put(b.name(), b.size()));
    List<String> problems = new ArrayList<>();
    long left = total;
    while (left > 0) {
      String name = reader.counted();
      long size = reader.u64();
      if (size <= 0 || size > left) {
        throw reader.malformed(
            "a size of 1 to %d bytes for block %s".formatted(left, name),
            Long.toUnsignedString(size));
      }
      left -= size;
      Long here = ours.remove(name);
      if (here == null) {
        problems.add("block '%s' of %d bytes is unknown here".formatted(name, size));
      } else if (here != size) {
        problems.add("block '%s' has %d bytes on the source, %d here".formatted(name, size, here));
      }
      if (problems.size() > 100) {
        break;
      }
    }
    ours.keySet().removeAll(optional);
    ours.forEach((n, s) -> problems.add("block '%s' of %d bytes is only here".formatted(n, s)));
    if (!problems.isEmpty()) {
      throw new StreamException(
          "the machines' memory differs; start the destination like the source:\n  "
              + String.join("\n  ", problems));
    }
    for (int i = 0; i < touched.length; i++) {
      touched[i] = blocks.get(i).touchedPages();
    }
    described = true;
  }
}
