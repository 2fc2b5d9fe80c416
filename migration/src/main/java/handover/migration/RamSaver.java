package handover.migration;

import handover.memory.DirtyLog;
import handover.memory.RamBlock;
import handover.memory.ZeroMemory;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Sends RAM: the list of blocks, then dirty pages in pieces, round after round. */
final class RamSaver {
  private static final long ZEROS_TO_FLUSH = 4096;

  private final List<RamBlock> blocks;
  private final byte[][] names;
  private final long[][] dirty;
  private final long[][] touched;
  private final StreamOutput out;
  private final int sectionId;
  private boolean inRuns;
  private int block;
  private int word;
  private long readZeros;
  private long zeroPages;
  private long normalPages;

  RamSaver(List<RamBlock> blocks, StreamOutput out, int sectionId) {
    this.blocks = blocks;
    this.out = out;
    this.sectionId = sectionId;
    this.dirty = blocks.stream().map(b -> b.dirtyLog().newBitmap()).toArray(long[][]::new);
    this.touched = new long[blocks.size()][];
    this.names =
        blocks.stream().map(b -> b.name().getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
  }

  /** The other side is a Handover and understands runs of pages. */
  void inRuns() {
    inRuns = true;
  }

  /** Pages still to send, for {@link MigratableMachine#collectDirtyPages}. */
  long[][] dirty() {
    return dirty;
  }

  long zeroPages() {
    return zeroPages;
  }

  long normalPages() {
    return normalPages;
  }

  long remainingPages() {
    long pages = 0;
    for (long[] bitmap : dirty) {
      for (long bits : bitmap) {
        pages += Long.bitCount(bits);
      }
    }
    return pages;
  }

  /** START: names and sizes of all blocks. */
  void sendSetup() {
    WireWriter start = new WireWriter();
    SectionHeader header =
        new SectionHeader(
            StreamFormat.SECTION_START, sectionId, RamFormat.SECTION, 0, RamFormat.VERSION);
    header.write(start);
    start.u64(blocks.stream().mapToLong(RamBlock::size).sum() | RamFormat.MEM_SIZE);
    for (RamBlock b : blocks) {
      start.counted(b.name());
      start.u64(b.size());
    }
    start.u64(RamFormat.EOS);
    header.writeFooter(start);
    out.append(start);
  }

  /**
   * Begins a round with the first page.
   *
   * <p>In the first, pages the guest has never touched are known to be zero, and reading them would
   * only make them resident; one touched later is dirty again. In later rounds all were written.
   */
  void beginRound() {
    block = 0;
    word = 0;
    for (int i = 0; i < touched.length; i++) {
      if (touched[i] == null) {
        touched[i] = blocks.get(i).touchedPages();
      } else {
        Arrays.fill(touched[i], -1L);
      }
    }
  }

  /** PART: about {@code maxBytes} of dirty pages; false when the round has no more. */
  boolean sendPart(long maxBytes) {
    return section(StreamFormat.SECTION_PART, maxBytes);
  }

  /** END: every page that is still dirty. */
  void sendEnd() {
    beginRound();
    section(StreamFormat.SECTION_END, Long.MAX_VALUE);
  }

  private boolean section(int type, long maxBytes) {
    out.u8(type);
    out.u32(sectionId);
    boolean more = sendPages(maxBytes);
    out.u64(RamFormat.EOS);
    out.u8(StreamFormat.SECTION_FOOTER);
    out.u32(sectionId);
    return more;
  }

  private boolean sendPages(long maxBytes) {
    long end = maxBytes == Long.MAX_VALUE ? maxBytes : out.position() + maxBytes;
    int lastBlock = -1;
    for (; block < dirty.length; block++) {
      long[] bitmap = dirty[block];
      for (; word < bitmap.length; word++) {
        if (bitmap[word] != 0) {
          if (out.position() >= end) {
            return true;
          }
          sendWord(bitmap, lastBlock);
          lastBlock = block;
        }
      }
      word = 0;
    }
    return false;
  }

  /** Up to 64 pages: each run of them that are alike. */
  private void sendWord(long[] bitmap, int lastBlock) {
    MemorySegment memory = blocks.get(block).segment();
    long start = (long) word << 6 << DirtyLog.PAGE_SHIFT;
    long left = bitmap[word];
    bitmap[word] = 0;
    long zeros = zeros(memory, start, left);
    boolean first = block != lastBlock;
    while (left != 0) {
      int page = Long.numberOfTrailingZeros(left);
      boolean zero = (zeros >>> page & 1) != 0;
      long alike = (zero ? zeros : left & ~zeros) >>> page;
      int count = Long.numberOfTrailingZeros(~alike);
      left &= ~run(page, count);
      sendRun(memory, start + ((long) page << DirtyLog.PAGE_SHIFT), count, zero, first);
      first = false;
    }
    flushBehindZeros();
  }

  /** Those of {@code pages} that are zero; what was never touched is, without a look. */
  private long zeros(MemorySegment memory, long start, long pages) {
    long resident = touched[block][word];
    long zeros = pages & ~resident;
    long left = ZeroMemory.candidates(memory, start, pages & resident);
    while (left != 0) {
      int page = Long.numberOfTrailingZeros(left);
      int candidates = Long.numberOfTrailingZeros(~(left >>> page));
      long offset = start + ((long) page << DirtyLog.PAGE_SHIFT);
      int count = ZeroMemory.pages(memory, offset, candidates);
      zeros |= run(page, count);
      left &= ~run(page, Math.min(count + 1, candidates));
      readZeros += count;
    }
    return zeros;
  }

  /** A bit for each of {@code count} pages, at most 64 with those before them. */
  private static long run(int page, int count) {
    return count == 0 ? 0 : -1L >>> Long.SIZE - count << page;
  }

  /** The destination looks at its own pages while we look at more of ours, not after that. */
  private void flushBehindZeros() {
    if (readZeros >= ZEROS_TO_FLUSH) {
      readZeros = 0;
      out.flush();
    }
  }

  private void sendRun(
      MemorySegment memory, long offset, int count, boolean zero, boolean firstOfBlock) {
    if (inRuns && count > 1) {
      head(offset, (zero ? RamFormat.ZERO : RamFormat.PAGE_DATA) | RamFormat.RUN, firstOfBlock);
      out.u32(count);
      if (zero) {
        out.u8(0);
      } else {
        out.pages(memory, offset, count << DirtyLog.PAGE_SHIFT);
      }
    } else {
      boolean first = firstOfBlock;
      for (int i = 0; i < count; i++) {
        sendPage(memory, offset + ((long) i << DirtyLog.PAGE_SHIFT), zero, first);
        first = false;
      }
    }
    if (zero) {
      zeroPages += count;
    } else {
      normalPages += count;
    }
  }

  private void sendPage(MemorySegment memory, long offset, boolean zero, boolean firstOfBlock) {
    if (zero) {
      head(offset, RamFormat.ZERO, firstOfBlock);
      out.u8(0);
    } else if (firstOfBlock) {
      head(offset, RamFormat.PAGE_DATA, true);
      out.copy(memory, offset, RamFormat.PAGE);
    } else {
      long head = offset | RamFormat.PAGE_DATA | RamFormat.CONTINUE;
      out.u64AndCopy(head, memory, offset, RamFormat.PAGE);
    }
  }

  private void head(long offset, int flags, boolean firstOfBlock) {
    out.u64(offset | flags | (firstOfBlock ? 0 : RamFormat.CONTINUE));
    if (firstOfBlock) {
      out.u8(names[block].length);
      out.bytes(names[block], 0, names[block].length);
    }
  }
}
