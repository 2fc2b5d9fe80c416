package handover.migration;

import handover.memory.DirtyLog;
import handover.memory.RamBlock;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** QEMU's "ram" section, version 4: records of a page offset with flags in its low bits. */
final class RamFormat {
  static final String SECTION = "ram";
  static final int VERSION = 4;
  static final int PAGE = 1 << DirtyLog.PAGE_SHIFT;

  static final int ZERO = 0x02;
  static final int MEM_SIZE = 0x04;
  static final int PAGE_DATA = 0x08;
  static final int EOS = 0x10;
  static final int CONTINUE = 0x20;

  /** Ours, and only between two Handovers: a u32 says how many pages in a row are alike. */
  static final int RUN = 0x800;

  /** The most pages of one run. */
  static final int LONGEST_RUN = 1 << 16;

  static final int FLAGS = PAGE - 1;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private RamFormat() {}

  /** A 64-bit digest of the block that depends on every byte and its place. */
  static long digest(RamBlock block) {
    MemorySegment memory = block.segment();
    long a = 0x9e37_79b9_7f4a_7c15L;
    long b = ~a;
    for (long offset = 0; offset < block.size(); offset += 2 * Long.BYTES) {
      a = Long.rotateLeft((a ^ memory.get(LONG, offset)) * 0xd6e8_feb8_6659_fd93L, 29);
      b = Long.rotateLeft((b ^ memory.get(LONG, offset + 8)) * 0xa076_1d64_78bd_642fL, 31);
    }
    long mixed = (a ^ Long.rotateLeft(b, 32)) * 0xd6e8_feb8_6659_fd93L;
    return mixed ^ mixed >>> 32;
  }
}
