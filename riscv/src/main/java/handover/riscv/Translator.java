package handover.riscv;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Makes regions of hot places, for all harts of a machine, on a thread of its own.
 *
 * <p>Each region is a hidden class, so that the JVM can unload it when the region is dropped.
 */
final class Translator {
  private static final System.Logger LOG = System.getLogger(Translator.class.getName());
  private static final int MAXIMUM_INSTRUCTIONS = 100;

  /** About 8 KB of metaspace each, and what HotSpot makes of them. */
  private static final int MAXIMUM_REGIONS = 8192;

  private static final int QUEUE = 1024;

  private final CodeCache cache;
  private final Acceleration acceleration;
  private final BooleanSupplier awaitHarts;
  private final AtomicInteger regions = new AtomicInteger();

  /** Every region made and not dropped, as it was asked for. */
  private final List<Region> made = new ArrayList<>();

  private final ThreadPoolExecutor thread;

  /**
   * A translator that has made nothing yet.
   *
   * @param awaitHarts waits until harts run; false if they seem to have stopped for good
   */
  Translator(CodeCache cache, Acceleration acceleration, BooleanSupplier awaitHarts) {
    this.cache = cache;
    this.acceleration = acceleration;
    this.awaitHarts = awaitHarts;
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().daemon().name("translator").factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    thread.allowCoreThreadTimeOut(true);
  }

  int threshold() {
    return acceleration.threshold();
  }

  /** Whether regions are compared with the interpreter. */
  boolean lockstep() {
    return acceleration.lockstep();
  }

  /** Whether everything is translated before it runs. */
  boolean eager() {
    return acceleration.threshold() == 0;
  }

  /** Regions made and not dropped. */
  int regions() {
    return regions.get();
  }

  /** What was made, as it was asked for, as far as it can still be entered. */
  List<Region> made() {
    synchronized (made) {
      return made.stream().filter(region -> !region.stale()).toList();
    }
  }

  /** Asks for a region with its entry at {@code pc}, soon. */
  void request(FetchTlb fetch, long pc) {
    CodePage[] window = window(fetch, pc);
    int entry = (int) pc & 4095;
    thread.execute(() -> translateLater(window, entry));
  }

  private void translateLater(CodePage[] window, int entry) {
    if (awaitHarts.getAsBoolean()) {
      translate(window, entry);
    } else {
      window[Region.SPAN].dropRegion(entry >>> 1);
    }
  }

  /** Makes a region at once; false if there cannot be one. */
  boolean translateNow(FetchTlb fetch, long pc) {
    CodePage[] window = window(fetch, pc);
    return window[Region.SPAN] != null && translate(window, (int) pc & 4095);
  }

  /**
   * Makes a region at once, of pages that somebody says lie beside each other.
   *
   * @return the region, or null if there cannot be one
   */
  Region make(CodePage[] window, int entry) {
    return translate(window, entry) ? window[Region.SPAN].region(entry >>> 1) : null;
  }

  /** The pages around {@code pc} as far as they were executed lately. */
  private static CodePage[] window(FetchTlb fetch, long pc) {
    CodePage[] window = new CodePage[2 * Region.SPAN + 1];
    for (int i = 0; i < window.length; i++) {
      window[i] = fetch.lookup(pc + (i - Region.SPAN) * 4096L);
    }
    return window;
  }

  private boolean translate(CodePage[] window, int entry) {
    if (window[Region.SPAN].region(entry >>> 1) != null) {
      return true;
    }
    try {
      int[] versions = new int[window.length];
      byte[][] bytes = new byte[window.length][];
      for (int i = 0; i < window.length; i++) {
        if (window[i] != null) {
          versions[i] = window[i].version();
          bytes[i] = window[i].bytes();
        }
      }
      if (regions.get() >= MAXIMUM_REGIONS) {
        cache.dropRegions();
        regions.set(0);
        synchronized (made) {
          made.clear();
        }
      }
      return make(window, versions, bytes, entry, MAXIMUM_INSTRUCTIONS);
    } catch (RuntimeException | LinkageError e) {
      // The interpreter goes on there.
      LOG.log(System.Logger.Level.ERROR, "could not translate a region", e);
      return false;
    }
  }

  private boolean make(
      CodePage[] window, int[] versions, byte[][] bytes, int entry, int maximumInstructions) {
    RegionScan scan =
        new RegionScan(
            cache.decoder(),
            bytes,
            at -> worthwhile(window, at),
            entry,
            maximumInstructions,
            lockstep());
    if (!scan.entries().contains(entry)) {
      return false;
    }
    byte[] classFile = RegionEmitter.emit(scan);
    if (RegionEmitter.codeLength(classFile) > RegionEmitter.MAXIMUM_BYTES) {
      return make(window, versions, bytes, entry, maximumInstructions / 2);
    }
    CodePage[] pages = new CodePage[window.length];
    for (int i = 0; i < window.length; i++) {
      pages[i] = scan.touches(i) ? window[i] : null;
    }
    TranslatedCode code = define(classFile);
    regions.incrementAndGet();
    List<Integer> entries = scan.entries();
    for (int i = 0; i < entries.size(); i++) {
      Region region = new Region(code, i, entries.get(i), pages, versions, scan.floats());
      region.install();
      if (entries.get(i) == entry) {
        synchronized (made) {
          made.add(region);
        }
      }
    }
    return true;
  }

  /** Code that was never executed is not worth the compilation. */
  private boolean worthwhile(CodePage[] window, int offset) {
    int page = Region.SPAN + (offset >> 12);
    return eager()
        || page >= 0
            && page < window.length
            && window[page] != null
            && window[page].slots()[(offset & 4095) >>> 1] != Op.UNDECODED;
  }

  private static TranslatedCode define(byte[] classFile) {
    try {
      MethodHandles.Lookup defined = MethodHandles.lookup().defineHiddenClass(classFile, true);
      MethodType noArguments = MethodType.methodType(void.class);
      return (TranslatedCode) defined.findConstructor(defined.lookupClass(), noArguments).invoke();
    } catch (Throwable e) {
      throw new IllegalStateException("a generated class cannot be used", e);
    }
  }
}
