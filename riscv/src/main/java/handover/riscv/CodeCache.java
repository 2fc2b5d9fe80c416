package handover.riscv;

import handover.memory.GuestMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Decoded pages by physical address, shared by the harts of a machine. */
final class CodeCache {
  /** About 20 KB each. */
  private static final int MAXIMUM_PAGES = 4096;

  private record Mapped(GuestMemory.Mapping mapping, AtomicReferenceArray<CodePage> pages) {}

  private final Decoder decoder;
  private final boolean compressed;
  private final List<Mapped> mapped = new ArrayList<>();
  private final AtomicInteger generation = new AtomicInteger();
  private int count;

  CodeCache(GuestMemory memory, CpuFeatures features) {
    decoder = new Decoder(features);
    compressed = features.has(Instruction.Extension.C);
    for (GuestMemory.Mapping mapping : memory.mappings()) {
      int pages = Math.toIntExact(mapping.block().size() >>> 12);
      mapped.add(new Mapped(mapping, new AtomicReferenceArray<>(pages)));
    }
  }

  Decoder decoder() {
    return decoder;
  }

  /** After this, pages are compared with memory before they are entered anew: fence.i. */
  void newGeneration() {
    generation.incrementAndGet();
  }

  /** The decoded page at a page-aligned offset of a mapping, agreeing with memory. */
  CodePage page(GuestMemory.Mapping mapping, long offset) {
    int current = generation.get();
    for (Mapped region : mapped) {
      if (region.mapping == mapping) {
        CodePage page = region.pages.get((int) (offset >>> 12));
        if (page == null) {
          return create(region, offset, current);
        }
        page.verify(current);
        return page;
      }
    }
    throw new IllegalStateException(
        mapping.block().name() + " was mapped after the harts were made");
  }

  /** The decoded page at a physical address, or null where there is no memory. */
  CodePage page(long physical) {
    for (Mapped region : mapped) {
      if (region.mapping.contains(physical, 4096)) {
        return page(region.mapping, physical - region.mapping.base());
      }
    }
    return null;
  }

  /** Where a page is. */
  long physical(CodePage page) {
    for (Mapped region : mapped) {
      long offset = page.host() - region.mapping.block().segment().address();
      if (offset >= 0 && offset < region.mapping.block().size()) {
        return region.mapping.base() + offset;
      }
    }
    throw new IllegalStateException("a decoded page lies in no memory");
  }

  /** Makes a page agree with memory that was found earlier. */
  void verify(CodePage page) {
    page.verify(generation.get());
  }

  private synchronized CodePage create(Mapped region, long offset, int current) {
    int index = (int) (offset >>> 12);
    CodePage page = region.pages.get(index);
    if (page == null) {
      if (++count > MAXIMUM_PAGES) {
        dropAll();
        count = 1;
      }
      page =
          new CodePage(
              decoder, compressed, region.mapping.block().segment().asSlice(offset, 4096), current);
      region.pages.set(index, page);
    }
    return page;
  }

  /** Forgets all translated code. */
  synchronized void dropRegions() {
    for (Mapped region : mapped) {
      for (int i = 0; i < region.pages.length(); i++) {
        CodePage page = region.pages.get(i);
        if (page != null) {
          page.dropRegions();
        }
      }
    }
  }

  /** Harts go on with what their fetch TLBs hold until their next fence.i, as they may. */
  private void dropAll() {
    for (Mapped region : mapped) {
      for (int i = 0; i < region.pages.length(); i++) {
        region.pages.set(i, null);
      }
    }
  }
}
