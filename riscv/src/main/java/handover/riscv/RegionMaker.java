package handover.riscv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Makes a region of guest code as it stands: scanned, emitted, defined. Each is a hidden class, so
 * that the JVM can unload it when the region is dropped.
 */
final class RegionMaker {
  private static final int MAXIMUM_INSTRUCTIONS = 100;

  private final Decoder decoder;
  private final boolean everything;
  private final boolean apart;
  private final RegionOwner owner;

  // What it is made of.
  private final CodePage[] window;
  private final int[] versions;
  private final byte[][] bytes;

  /**
   * Takes the guest's code down.
   *
   * @param window pages that lie beside each other, the entry's in the middle; null where unknown
   * @param everything whether code that was never executed is translated, too
   * @param apart see {@link RegionScan}
   * @param owner the hart that alone enters what is made; null for any
   */
  RegionMaker(
      Decoder decoder, CodePage[] window, boolean everything, boolean apart, RegionOwner owner) {
    this.decoder = decoder;
    this.everything = everything;
    this.apart = apart;
    this.owner = owner;
    this.window = window;
    versions = new int[window.length];
    bytes = new byte[window.length][];
    for (int i = 0; i < window.length; i++) {
      if (window[i] != null) {
        versions[i] = window[i].version();
        bytes[i] = window[i].bytes();
      }
    }
  }

  /**
   * Makes the region that is entered at an offset of the middle page.
   *
   * @return its entries, not installed yet, the one asked for first; none if there cannot be a
   *     region
   */
  List<Region> make(int entry) {
    return make(entry, MAXIMUM_INSTRUCTIONS);
  }

  private List<Region> make(int entry, int instructions) {
    RegionScan scan = new RegionScan(decoder, bytes, this::worthwhile, entry, instructions, apart);
    if (!scan.entries().contains(entry)) {
      return List.of();
    }
    byte[] classFile = RegionEmitter.emit(scan, owner != null);
    return RegionEmitter.isTooLong(classFile)
        ? make(entry, instructions / 2)
        : entries(scan, define(classFile), entry);
  }

  private List<Region> entries(RegionScan scan, TranslatedCode code, int first) {
    CodePage[] pages = window.clone();
    for (int i = 0; i < pages.length; i++) {
      pages[i] = scan.touches(i) ? pages[i] : null;
    }
    List<Region> regions = new ArrayList<>();
    for (int offset : scan.entries()) {
      regions.add(new Region(code, regions.size(), offset, pages, versions, scan.floats()));
    }
    Collections.swap(regions, 0, scan.entries().indexOf(first));
    return regions;
  }

  /** Code that was never executed is not worth the compilation. */
  private boolean worthwhile(int offset) {
    int page = Region.SPAN + (offset >> 12);
    return everything
        || page >= 0
            && page < window.length
            && window[page] != null
            && window[page].slots()[(offset & 4095) >>> 1] != Op.UNDECODED;
  }

  private TranslatedCode define(byte[] classFile) {
    try {
      MethodHandles.Lookup here = MethodHandles.lookup();
      MethodHandles.Lookup defined =
          owner == null
              ? here.defineHiddenClass(classFile, true)
              : here.defineHiddenClassWithClassData(classFile, owner, true);
      MethodType noArguments = MethodType.methodType(void.class);
      return (TranslatedCode) defined.findConstructor(defined.lookupClass(), noArguments).invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("a generated class cannot be used", e);
    }
  }
}
