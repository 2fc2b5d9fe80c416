package handover.diagnosis.stream;

import handover.diagnosis.stream.RamTally.Block;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.Set;

/**
 * Walks a RAM section record by record: a u64 of page offset and flags, then what the flags say, up
 * to the end mark (docs/protocol.md; QEMU docs/devel/migration). Pages are counted, not read.
 */
final class RamWalk {
  private static final int ZERO = 0x02;
  private static final int MEM_SIZE = 0x04;
  private static final int PAGE = 0x08;
  private static final int EOS = 0x10;
  private static final int CONTINUE = 0x20;
  private static final int XBZRLE = 0x40;
  private static final int HOOK = 0x80;
  private static final int COMPRESSED = 0x100;
  private static final int MULTIFD_FLUSH = 0x200;
  private static final int FLAGS = 0x3ff;

  /** Between two Handovers, whose pages have 4 KiB: a u32 says how many pages are alike. */
  private static final int RUN = 0x800;

  private static final int MOST_BLOCKS = 1 << 16;
  private static final int LONGEST_COMPRESSED = 1 << 20;
  private static final int BITMAP_PIECE = 64 << 10;

  /** Passes over bytes nobody needs to see. */
  interface Skip {
    void bytes(long count) throws IOException;
  }

  /** Passes over records that look alike, as far as they are in sight. */
  interface Alike {
    /**
     * Those with exactly these flags.
     *
     * @param bytes of a record behind its word
     * @param pageSize their offsets are multiples of it
     * @param blockBytes their offsets are below it
     * @return how many there were
     */
    long records(int flags, int bytes, long pageSize, long blockBytes) throws IOException;
  }

  private final WireReader in;
  private final Skip skip;
  private final Alike alike;
  private final RamTally tally;
  private final Set<String> capabilities;
  private boolean postcopy;

  /** What CONTINUE continues: also the block of the section before, where a round was cut short. */
  private Block last;

  RamWalk(WireReader in, Skip skip, Alike alike, RamTally tally, Set<String> capabilities) {
    this.in = in;
    this.skip = skip;
    this.alike = alike;
    this.tally = tally;
    this.capabilities = capabilities;
  }

  /** The source said that it may go over to postcopy: block lists then may name page sizes. */
  void postcopyAdvised() {
    postcopy = true;
  }

  /** Reads one section's payload, up to and with its end mark. */
  void section() throws IOException {
    while (true) {
      long before = in.position();
      long word = in.u64();
      int flags = (int) (word & FLAGS);
      if (flags == EOS) {
        return;
      }
      if ((flags & MEM_SIZE) != 0) {
        blockList(word & ~(long) FLAGS);
      } else if (flags != MULTIFD_FLUSH) {
        last = record(word, flags);
        goOn(last);
        last.bytes += in.position() - before;
      }
    }
  }

  /** Nearly every record goes on with the block of the one before: a whole page, or a zero one. */
  private void goOn(Block block) throws IOException {
    int size = tally.pageSize();
    block.normal += alike.records(PAGE | CONTINUE, size, size, block.size());
    block.zero += alike.records(ZERO | CONTINUE, 1, size, block.size());
  }

  private Block record(long word, int flags) throws IOException {
    int kind = flags & ~CONTINUE;
    if (kind != ZERO && kind != PAGE && kind != XBZRLE && kind != COMPRESSED) {
      throw unknown(word, flags);
    }
    Block block = (flags & CONTINUE) != 0 ? last : named();
    if (block == null) {
      throw in.malformed("the first record to name its RAM block", "flag CONTINUE");
    }
    boolean run = tally.pageSize() > RUN && (word & RUN) != 0;
    long offset = word & ~(long) (run ? FLAGS | RUN : FLAGS);
    if (Long.compareUnsigned(offset, block.size()) >= 0) {
      throw in.malformed(
          "a page inside %s (0x%x bytes)".formatted(block.name(), block.size()),
          "offset 0x%x".formatted(offset));
    }
    if (run) {
      run(kind, block, (block.size() - offset) / tally.pageSize());
    } else {
      page(kind, block);
    }
    return block;
  }

  private void run(int kind, Block block, long most) throws IOException {
    int count = in.u32();
    if (count <= 0 || count > most || kind != PAGE && kind != ZERO) {
      throw in.malformed(
          "a run of 1 to %d pages, zero or whole, in %s".formatted(most, block.name()),
          Integer.toUnsignedString(count));
    }
    if (kind == ZERO) {
      in.u8();
      block.zero += count;
    } else {
      skip.bytes((long) count * tally.pageSize());
      block.normal += count;
    }
  }

  private RuntimeException unknown(long word, int flags) {
    return in.malformed(
        "a page record, the block list or the end mark",
        (flags & HOOK) != 0
            ? "an RDMA record, which only makes sense on its own transport"
            : "0x%016x".formatted(word));
  }

  private Block named() {
    String name = in.counted();
    return tally
        .block(name)
        .orElseThrow(() -> in.malformed("a RAM block of the list", "'" + Text.of(name) + "'"));
  }

  private void page(int kind, Block block) throws IOException {
    switch (kind) {
      case ZERO -> {
        in.u8();
        block.zero++;
      }
      case PAGE -> {
        skip.bytes(tally.pageSize());
        block.normal++;
      }
      case XBZRLE -> {
        in.u8();
        skip.bytes(in.u16());
        block.xbzrle++;
      }
      default -> {
        skip.bytes(compressedLength());
        block.compressed++;
      }
    }
  }

  private int compressedLength() {
    int length = in.u32();
    if (length < 0 || length > LONGEST_COMPRESSED) {
      throw in.malformed(
          "a compressed page of at most 1 MiB", Integer.toUnsignedString(length) + " bytes");
    }
    return length;
  }

  private void blockList(long total) throws IOException {
    long left = total;
    for (int count = 0; left > 0; count++) {
      if (count == MOST_BLOCKS) {
        throw in.malformed("at most " + MOST_BLOCKS + " RAM blocks", "more");
      }
      long at = in.position();
      String name = in.counted();
      long size = in.u64();
      if (size <= 0 || size > left) {
        throw in.malformed(
            "RAM block '%s' to fit what is left of the total, 0x%x".formatted(Text.of(name), left),
            "0x%x".formatted(size));
      }
      Block block = new Block(name, size, at);
      if (!tally.add(block)) {
        throw in.malformed("each RAM block once", "'" + Text.of(name) + "' again");
      }
      extras(block);
      left -= size;
    }
  }

  /** What capabilities add behind a block's size. */
  private void extras(Block block) throws IOException {
    // A name cannot begin with a zero length byte, a page size below 2^56 does.
    if (postcopy && in.peek() == 0) {
      pageSizeOrEnd();
    }
    if (capabilities.contains("x-ignore-shared")) {
      in.u64();
    }
    if (capabilities.contains("mapped-ram")) {
      mapped(block);
    }
  }

  /** Behind the last block, an end mark begins with a zero byte as well. */
  private void pageSizeOrEnd() {
    if (Long.compareUnsigned(in.peekU64(), FLAGS) > 0) {
      in.u64();
    }
  }

  /** Pages stand in the file at places of their own, behind a bitmap of those that are there. */
  private void mapped(Block block) throws IOException {
    int version = in.u32();
    if (version != 1) {
      throw in.malformed("mapped-ram header version 1", Integer.toUnsignedString(version));
    }
    in.u64();
    long bitmap = in.u64();
    long pages = in.u64();
    long here = in.position();
    if (bitmap < here || pages < bitmap || pages > Long.MAX_VALUE - block.size()) {
      throw in.malformed(
          "pages behind byte %d".formatted(here),
          "bitmap at %d, pages at %d".formatted(bitmap, pages));
    }
    skip.bytes(bitmap - here);
    countMapped(block, pages - bitmap);
    skip.bytes(pages + block.size() - in.position());
  }

  /** Every page has a bit in the bitmap; those set are there, the others are zero. */
  private void countMapped(Block block, long room) {
    long bits = block.size() / tally.pageSize();
    long left = Math.min((bits + 63) / 64 * 8, room);
    while (left > 0) {
      byte[] piece = in.bytes((int) Math.min(left, BITMAP_PIECE));
      for (byte b : piece) {
        block.normal += Integer.bitCount(b & 0xff);
      }
      left -= piece.length;
    }
    block.zero = Math.max(0, bits - block.normal);
    block.bytes = block.normal * tally.pageSize();
  }
}
