package handover.diagnosis.translate;

import handover.diagnosis.stream.StreamCursor;
import handover.machine.BoardSections;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * RAM sections on their way through: the same records, but for those of blocks that the release
 * written for has not. A record names its block unless it goes on with the one before, so that what
 * was left out in between makes a difference.
 */
final class RamCopy {
  static final String SECTION = "ram";
  private static final int VERSION = 4;
  private static final int PAGE = 4096;
  private static final int ZERO = 0x02;
  private static final int MEM_SIZE = 0x04;
  private static final int PAGE_DATA = 0x08;
  private static final int EOS = 0x10;
  private static final int CONTINUE = 0x20;
  private static final int FLAGS = PAGE - 1;
  private static final int MOST_BLOCKS = 1 << 12;

  private record Block(String name, long size, boolean kept) {}

  private final StreamCursor cursor;
  private final WireReader in;
  private final StreamSink out;
  private final Supplier<Set<String>> unknown;
  private final Map<String, Block> blocks = new LinkedHashMap<>();
  private Optional<Block> current = Optional.empty();
  private Optional<Block> named = Optional.empty();
  private long pages;

  /**
   * Copies.
   *
   * @param unknown blocks to leave out
   */
  RamCopy(StreamCursor cursor, WireReader in, StreamSink out, Supplier<Set<String>> unknown) {
    this.cursor = cursor;
    this.in = in;
    this.out = out;
    this.unknown = unknown;
  }

  /** Size of main memory; empty before the block list, or if that has none. */
  Optional<Long> memoryBytes() {
    return Optional.ofNullable(blocks.get(BoardSections.mainRam())).map(Block::size);
  }

  /** Pages written, zero or not. */
  long pages() {
    return pages;
  }

  /** Names of the blocks left out. */
  List<String> leftOut() {
    return blocks.values().stream().filter(b -> !b.kept()).map(Block::name).toList();
  }

  /** Copies a whole section whose header has been read. */
  void section(SectionHeader header) throws IOException {
    if (header.type() == StreamFormat.SECTION_START && header.version() != VERSION) {
      throw in.malformed("section ram of version 4", "version " + header.version());
    }
    WireWriter head = new WireWriter();
    header.write(head);
    out.write(head);
    long word = in.u64();
    while ((word & FLAGS) != EOS) {
      record(word);
      word = in.u64();
    }
    out.u64(word);
    header.readFooter(in);
    out.u8(StreamFormat.SECTION_FOOTER);
    out.u32(header.id());
  }

  private void record(long word) throws IOException {
    long offset = word & ~(long) FLAGS;
    switch ((int) word & FLAGS & ~CONTINUE) {
      case MEM_SIZE -> blockList(offset);
      case ZERO -> page(word, offset, 1);
      case PAGE_DATA -> page(word, offset, PAGE);
      default ->
          throw in.malformed(
              "plain RAM pages; write the stream with xbzrle, compress, multifd and postcopy off",
              "record flags 0x%x".formatted(word & FLAGS));
    }
  }

  private void page(long word, long offset, int bytes) throws IOException {
    if ((word & CONTINUE) == 0) {
      current = Optional.of(known(in.counted()));
    }
    Block block =
        current.orElseThrow(() -> in.malformed("a RAM block's name", "a page that goes on"));
    if (offset < 0 || offset >= block.size()) {
      throw in.malformed(
          "a page inside %s (0x%x bytes)".formatted(block.name(), block.size()),
          "offset 0x%x".formatted(offset));
    }
    if (block.kept()) {
      head(word & ~(long) CONTINUE, block);
      cursor.keep(Optional.of(out));
      pages++;
    }
    pass(bytes);
    cursor.keep(Optional.empty());
  }

  private void head(long word, Block block) {
    boolean goesOn = named.isPresent() && named.get() == block;
    out.u64(goesOn ? word | CONTINUE : word);
    if (!goesOn) {
      WireWriter name = new WireWriter();
      name.counted(block.name());
      out.write(name);
      named = Optional.of(block);
    }
  }

  private void pass(int bytes) throws IOException {
    long passed = cursor.pass(bytes);
    in.passed(passed);
    if (passed < bytes) {
      throw in.malformed("a page's %d bytes".formatted(bytes), "the end after " + passed);
    }
  }

  private Block known(String name) {
    Block block = blocks.get(name);
    if (block == null) {
      throw in.malformed("one of the RAM blocks listed, " + blocks.keySet(), "'" + name + "'");
    }
    return block;
  }

  private void blockList(long total) {
    if (!blocks.isEmpty()) {
      throw in.malformed("one list of RAM blocks", "another");
    }
    Set<String> leftOut = unknown.get();
    for (long left = total; left > 0; ) {
      String name = in.counted();
      long size = in.u64();
      if (size <= 0 || size > left || blocks.size() == MOST_BLOCKS) {
        throw in.malformed(
            "at most %d RAM blocks of 0x%x bytes together".formatted(MOST_BLOCKS, total),
            "'%s' of 0x%x bytes".formatted(name, size));
      }
      if (blocks.put(name, new Block(name, size, !leftOut.contains(name))) != null) {
        throw in.malformed("each RAM block once", "'" + name + "' again");
      }
      left -= size;
    }
    requireBoard();
    List<Block> kept = new ArrayList<>(blocks.values());
    kept.removeIf(b -> !b.kept());
    WireWriter list = new WireWriter();
    list.u64(kept.stream().mapToLong(Block::size).sum() | MEM_SIZE);
    for (Block block : kept) {
      list.counted(block.name());
      list.u64(block.size());
    }
    out.write(list);
  }

  private void requireBoard() {
    if (memoryBytes().isEmpty()) {
      throw in.malformed(
          "RAM block '%s' of RISC-V's virt board".formatted(BoardSections.mainRam()),
          "another machine's: " + String.join(", ", blocks.keySet()));
    }
  }
}
