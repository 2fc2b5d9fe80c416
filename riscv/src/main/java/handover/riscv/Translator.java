package handover.riscv;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Makes regions of hot places, for all harts of a machine, on a thread of its own, and lets harts
 * enter them when HotSpot has compiled them ({@link Ripening}).
 */
final class Translator {
  private static final System.Logger LOG = System.getLogger(Translator.class.getName());

  /** About 8 KB of metaspace each, and what HotSpot makes of them. */
  private static final int MAXIMUM_REGIONS = 8192;

  private static final int QUEUE = 1024;

  private final CodeCache cache;
  private final Acceleration acceleration;
  private final BooleanSupplier awaitHarts;
  private final AtomicInteger regions = new AtomicInteger();

  /** Every region made and not dropped, as it was asked for. */
  private final List<Region> made = new ArrayList<>();

  /** Where there will be regions soon; the thread's own. */
  private final Set<Region.Place> expected = new HashSet<>();

  private final ScheduledThreadPoolExecutor thread;

  /** The hart that all regions are for; null if there are several, or none. */
  private volatile RegionOwner owner;

  private boolean joined;

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
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("translator").factory());
    thread.setKeepAliveTime(1, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * One more hart enters regions.
   *
   * @throws IllegalStateException if regions were made for the one that there was
   */
  synchronized void join(RegionOwner hart) {
    if (joined && regions.get() > 0) {
      throw new IllegalStateException("a hart joins others whose code is translated already");
    }
    owner = joined ? null : hart;
    joined = true;
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

  /** Asks for a region with its entry at {@code pc}, soon; forgotten if there is much to do. */
  void request(FetchTlb fetch, long pc) {
    if (thread.getQueue().size() < QUEUE) {
      CodePage[] window = window(fetch, pc);
      int entry = (int) pc & 4095;
      thread.execute(() -> translateLater(window, entry));
    }
  }

  private void translateLater(CodePage[] window, int entry) {
    if (!awaitHarts.getAsBoolean()) {
      window[Region.SPAN].dropRegion(entry >>> 1);
    } else if (!expected.contains(new Region.Place(window[Region.SPAN], entry >>> 1))) {
      List<Region> entries = translate(window, entry);
      if (!entries.isEmpty()) {
        entries.forEach(region -> expected.add(region.place()));
        ripen(new Ripening(entries.getFirst().code), entries);
      }
    }
  }

  private void ripen(Ripening ripening, List<Region> entries) {
    if (ripening.isOver()) {
      entries.forEach(region -> expected.remove(region.place()));
      install(entries);
    } else {
      var unused =
          thread.schedule(
              () -> ripen(ripening, entries), Ripening.PAUSE_MICROS, TimeUnit.MICROSECONDS);
    }
  }

  /** Makes a region at once; false if there cannot be one. */
  boolean translateNow(FetchTlb fetch, long pc) {
    CodePage[] window = window(fetch, pc);
    return window[Region.SPAN] != null && make(window, (int) pc & 4095) != null;
  }

  /**
   * Makes a region at once, of pages that somebody says lie beside each other.
   *
   * @return the region, or null if there cannot be one
   */
  Region make(CodePage[] window, int entry) {
    install(translate(window, entry));
    return window[Region.SPAN].region(entry >>> 1);
  }

  /** The pages around {@code pc} as far as they were executed lately. */
  private static CodePage[] window(FetchTlb fetch, long pc) {
    CodePage[] window = new CodePage[2 * Region.SPAN + 1];
    for (int i = 0; i < window.length; i++) {
      window[i] = fetch.lookup(pc + (i - Region.SPAN) * 4096L);
    }
    return window;
  }

  /** Entries as {@link RegionMaker#make} has them; none if there is a region already. */
  private List<Region> translate(CodePage[] window, int entry) {
    if (window[Region.SPAN].region(entry >>> 1) != null) {
      return List.of();
    }
    try {
      List<Region> entries =
          new RegionMaker(cache.decoder(), window, eager(), lockstep(), owner).make(entry);
      if (!entries.isEmpty()) {
        count();
      }
      return entries;
    } catch (RuntimeException | LinkageError e) {
      // The interpreter goes on there.
      LOG.log(System.Logger.Level.ERROR, "could not translate a region", e);
      return List.of();
    }
  }

  private void count() {
    if (regions.incrementAndGet() > MAXIMUM_REGIONS) {
      cache.dropRegions();
      regions.set(1);
      synchronized (made) {
        made.clear();
      }
    }
  }

  private void install(List<Region> entries) {
    entries.forEach(Region::install);
    synchronized (made) {
      made.addAll(entries.subList(0, Math.min(1, entries.size())));
    }
  }
}
