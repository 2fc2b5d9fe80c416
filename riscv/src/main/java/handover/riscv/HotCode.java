package handover.riscv;

import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where a guest spends its time: what another machine needs to translate the same regions from the
 * same memory. Addresses and counts, never code; whoever believes it wrongly loses time only.
 *
 * <pre>
 * u16 pages    each: u64 physical address, 32 × u64: a bit for each halfword at which an executed
 *              instruction begins, the lowest first
 * u16 regions  each: u16 offset in its page, 7 × u16 a page around its page, which is in the
 *              middle, or 0xffff, u32 samples
 * </pre>
 *
 * @param regions the hottest first
 */
record HotCode(List<Page> pages, List<Place> regions) {
  /** A page is 264 bytes. */
  static final int MOST_PAGES = 2048;

  static final int MOST_REGIONS = 4096;

  private static final int BITMAP_WORDS = CodePage.SLOTS / Long.SIZE;
  private static final int NONE = 0xffff;

  /**
   * A page of code.
   *
   * @param executed a bit for each halfword at which an executed instruction begins
   */
  record Page(long physical, long[] executed) {}

  /**
   * Where a region was begun.
   *
   * @param offset from the start of its page, even
   * @param window indices of the pages around its page, which is in the middle; -1 for none
   * @param samples how often it was found running
   */
  record Place(int offset, int[] window, long samples) {}

  byte[] encode() {
    WireWriter out = new WireWriter();
    out.u16(pages.size());
    for (Page page : pages) {
      out.u64(page.physical);
      Arrays.stream(page.executed).forEach(out::u64);
    }
    out.u16(regions.size());
    for (Place place : regions) {
      out.u16(place.offset);
      Arrays.stream(place.window).forEach(i -> out.u16(i < 0 ? NONE : i));
      out.u32((int) place.samples);
    }
    return out.toByteArray();
  }

  /** Reads what {@link #encode} wrote; throws {@link StreamException} where it cannot be that. */
  static HotCode decode(WireReader in) {
    in.enter("hot code");
    int pages = count(in, "pages", MOST_PAGES);
    List<Page> all = new ArrayList<>();
    for (int i = 0; i < pages; i++) {
      all.add(page(in));
    }
    int regions = count(in, "regions", MOST_REGIONS);
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < regions; i++) {
      places.add(place(in, pages));
    }
    return new HotCode(all, places);
  }

  private static int count(WireReader in, String what, int most) {
    int count = in.u16();
    if (count > most) {
      throw in.malformed("at most %d %s".formatted(most, what), Integer.toString(count));
    }
    return count;
  }

  private static Page page(WireReader in) {
    long physical = in.u64();
    if ((physical & 4095) != 0) {
      throw in.malformed("the address of a page", "0x%x".formatted(physical));
    }
    long[] executed = new long[BITMAP_WORDS];
    for (int i = 0; i < executed.length; i++) {
      executed[i] = in.u64();
    }
    return new Page(physical, executed);
  }

  private static Place place(WireReader in, int pages) {
    int offset = in.u16();
    int[] window = new int[2 * Region.SPAN + 1];
    for (int i = 0; i < window.length; i++) {
      int index = in.u16();
      if (index != NONE && index >= pages) {
        throw in.malformed("one of %d pages".formatted(pages), "page " + index);
      }
      window[i] = index == NONE ? -1 : index;
    }
    if (window[Region.SPAN] < 0 || offset >= 4096 || (offset & 1) != 0) {
      throw in.malformed("a place in a page", "offset %d".formatted(offset));
    }
    return new Place(offset, window, in.u32() & 0xffff_ffffL);
  }
}
