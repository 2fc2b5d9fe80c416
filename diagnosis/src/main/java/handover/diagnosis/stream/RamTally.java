package handover.diagnosis.stream;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a stream's RAM sections hold, block by block, in the order of the block list. */
public final class RamTally {
  /** One RAM block. Counts are of records: a page sent twice counts twice. */
  public static final class Block {
    private final String name;
    private final long size;
    private final long offset;
    long zero;
    long normal;
    long xbzrle;
    long compressed;
    long bytes;

    Block(String name, long size, long offset) {
      this.name = name;
      this.size = size;
      this.offset = offset;
    }

    /** QEMU's name for it. */
    public String name() {
      return name;
    }

    /** Its size in bytes. */
    public long size() {
      return size;
    }

    /** Where the stream lists it. */
    public long offset() {
      return offset;
    }

    /** Pages sent as one fill byte. */
    public long zero() {
      return zero;
    }

    /** Pages sent whole. */
    public long normal() {
      return normal;
    }

    /** Pages sent as the difference to an older version. */
    public long xbzrle() {
      return xbzrle;
    }

    /** Pages sent compressed. */
    public long compressed() {
      return compressed;
    }

    /** Bytes of the stream its records take. */
    public long bytes() {
      return bytes;
    }
  }

  private final Map<String, Block> blocks = new LinkedHashMap<>();
  private int pageSize;

  RamTally(int pageSize) {
    this.pageSize = pageSize;
  }

  /** The blocks, in stream order. */
  public Collection<Block> blocks() {
    return blocks.values();
  }

  /** Bytes of a page. */
  public int pageSize() {
    return pageSize;
  }

  void pageSize(int bytes) {
    pageSize = bytes;
  }

  /** Adds one; says whether it was new. */
  boolean add(Block block) {
    return blocks.putIfAbsent(block.name(), block) == null;
  }

  Optional<Block> block(String name) {
    return Optional.ofNullable(blocks.get(name));
  }
}
