package handover.migration;

import handover.memory.DirtyLog;
import handover.memory.RamBlock;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Sends RAM: the list of blocks, then dirty pages in pieces, round after round. */
final class RamSaver {
  private final List<RamBlock> blocks;
  private final byte[][] names;
  private final long[][] dirty;
  private final long[][] touched;
  private final StreamOutput out;
  private final int sectionId;
  private int block;
  private int word;
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
        touched[i] = blocks.get(i).mapping().touchedPages();
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

  private void sendWord(long[] bitmap, int lastBlock) {
    MemorySegment memory = blocks.get(block).segment();
    long bits = bitmap[word];
    bitmap[word] = 0;
    long resident = touched[block][word];
    boolean first = block != lastBlock;
    while (bits != 0) {
      long page = ((long) word << 6) + Long.numberOfTrailingZeros(bits);
      bits &= bits - 1;
      long offset = page << DirtyLog.PAGE_SHIFT;
      boolean zero = (resident >>> page & 1) == 0 || RamFormat.isZero(memory, offset);
      sendPage(memory, offset, zero, first);
      first = false;
    }
  }

  private void sendPage(MemorySegment memory, long offset, boolean zero, boolean first) {
    long head = offset | (zero ? RamFormat.ZERO : RamFormat.PAGE_DATA);
    if (first) {
      out.u64(head);
      out.u8(names[block].length);
      out.bytes(names[block], 0, names[block].length);
    }
    if (zero) {
      if (!first) {
        out.u64(head | RamFormat.CONTINUE);
      }
      out.u8(0);
      zeroPages++;
    } else {
      if (first) {
        out.copy(memory, offset, RamFormat.PAGE);
      } else {
        out.u64AndCopy(head | RamFormat.CONTINUE, memory, offset, RamFormat.PAGE);
      }
      normalPages++;
    }
  }
}
