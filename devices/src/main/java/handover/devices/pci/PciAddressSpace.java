package handover.devices.pci;

import java.util.List;

/**
 * The BARs that decode in one of the bus's two address spaces. Looked up by harts without a lock or
 * an allocation; replaced as a whole when a guest moves a BAR. Where BARs overlap, the one in the
 * lower slot answers.
 */
final class PciAddressSpace {
  private static final long NOBODY = -1;

  /** A decoding BAR. */
  private static final class Range {
    final Table table;
    final long base;
    final long last;
    final BarRegion region;

    Range(Table table, Decoding decoding) {
      this.table = table;
      this.base = decoding.base();
      this.last = decoding.base() + decoding.bar().size() - 1;
      this.region = decoding.bar().region();
    }

    boolean contains(long address) {
      return address >= base && address <= last;
    }
  }

  /** What decodes at one time. */
  private static final class Table {
    final Range[] ranges;

    Table(List<Decoding> decodings) {
      ranges = decodings.stream().map(d -> new Range(this, d)).toArray(Range[]::new);
    }
  }

  private volatile Table table = new Table(List.of());

  /** Where the last access went: a race only costs a search, for a stale one is recognised. */
  private Range lastHit;

  void replace(List<Decoding> decodings) {
    table = new Table(decodings);
  }

  /** All ones where nobody answers. */
  long load(long address, int bytes) {
    Range range = find(address);
    return range == null
        ? NOBODY >>> 64 - 8 * bytes
        : range.region.load(address - range.base, bytes);
  }

  void store(long address, int bytes, long value) {
    Range range = find(address);
    if (range != null) {
      range.region.store(address - range.base, bytes, value);
    }
  }

  private Range find(long address) {
    Table now = table;
    Range last = lastHit;
    if (last != null && last.table == now && last.contains(address)) {
      return last;
    }
    for (Range range : now.ranges) {
      if (range.contains(address)) {
        lastHit = range;
        return range;
      }
    }
    return null;
  }
}
