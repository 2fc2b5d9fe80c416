package handover.riscv;

import java.util.function.BooleanSupplier;

/**
 * Executes the guest on one hart: translated regions where there are some, the interpreter
 * elsewhere.
 *
 * <p>Heat is measured where the interpreter stands, never in translated code: at the last place
 * that was jumped to when a slice ends, and wherever translated code hands over to the interpreter.
 * A hot place becomes the entry of a region.
 *
 * <p>Translated code comes back here to get from one region to another, for memory that is not in
 * the translation cache, and when its budget is used up.
 */
final class Dispatcher {
  /** Instructions between looks at interrupts and exit requests; about ten microseconds. */
  static final int SLICE = 2048;

  /** What one sample, taken every {@link #SLICE} instructions, weighs against one hand-over. */
  private static final int SAMPLE = 16;

  // What translated code fetches on entry.
  final long[] x;
  final long[] f;
  final FpFlags flags;
  final long[] tlb;

  /** Where the part of the data TLB that is in use begins. */
  int context;

  int left;

  private final Registers r;
  private final Mmu mmu;
  private final Counters counters;
  private final AtomicOps atomics;
  private final SystemOps system;
  private final Interpreter interpreter;
  private final Trap trap;
  private final BooleanSupplier attention;
  private final Translator translator;
  private final Lockstep lockstep;
  private FetchTlb fetch;
  private boolean comparing;

  /**
   * A dispatcher.
   *
   * @param attention whether the hart must look at interrupts or exit
   * @param translator of the hart's group; null to interpret everything
   */
  Dispatcher(
      Registers registers,
      Mmu mmu,
      Counters counters,
      SystemOps system,
      Interpreter interpreter,
      Trap trap,
      BooleanSupplier attention,
      Translator translator) {
    this.r = registers;
    this.mmu = mmu;
    this.counters = counters;
    this.system = system;
    this.interpreter = interpreter;
    this.trap = trap;
    this.attention = attention;
    this.translator = translator;
    lockstep =
        translator != null && translator.lockstep()
            ? new Lockstep(registers, mmu, counters, interpreter, trap)
            : null;
    atomics = new AtomicOps(registers, mmu);
    x = registers.x;
    f = registers.f;
    flags = registers.flags;
    tlb = mmu.dataTlb();
    fetch = mmu.fetchTlb();
    if (translator != null) {
      translator.join(new RegionOwner(this, x, f, flags, tlb));
    }
  }

  /**
   * Executes from {@code registers.pc} until the slice is used up or something changed that the
   * caller must look at. Throws {@link Trap} with pc at the instruction that failed.
   */
  void execute() {
    counters.left = counters.budget;
    if (translator == null) {
      interpreter.execute();
    } else if (translator.eager()) {
      executeEagerly();
    } else {
      executeHot();
    }
  }

  private void executeHot() {
    boolean more = true;
    while (more && counters.left > 0) {
      more = runRegions();
      if (more && counters.left > 0) {
        heat(r.pc, 1);
        more = interpreter.execute();
      }
    }
    if (counters.left <= 0) {
      heat(interpreter.anchor(), SAMPLE);
    }
  }

  private void heat(long pc, int weight) {
    CodePage page = fetch.lookup(pc);
    int slot = (int) (pc & 4095) >>> 1;
    if (page != null && page.heat(slot, weight) >= translator.threshold()) {
      page.requested(slot);
      translator.request(fetch, pc);
    }
  }

  /** For tests: whatever can be translated is, before it runs for the first time. */
  private void executeEagerly() {
    while (counters.left > 0) {
      if (!runRegions()) {
        return;
      }
      int remaining = counters.left;
      if (remaining > 0 && (translated(r.pc) || !translator.translateNow(fetch, r.pc))) {
        // One instruction that cannot be translated or entered now, and the slice is over.
        counters.budget -= remaining - 1;
        counters.left = 1;
        interpreter.execute();
        return;
      }
    }
  }

  private boolean translated(long pc) {
    CodePage page = fetch.lookup(pc);
    return page != null && page.region((int) (pc & 4095) >>> 1) != null;
  }

  /** False if something changed that the caller must look at. */
  private boolean runRegions() {
    long pc = r.pc;
    left = counters.left;
    context = mmu.dataContext();
    fetch = mmu.fetchTlb();
    Entrances entrances = fetch.entrances();
    TranslatedCode last = null;
    while (left > 0 || poll(left, last) > 0) {
      Entrances.Entrance entrance = find(entrances, pc);
      if (entrance == null) {
        break;
      }
      last = entrance.code;
      pc =
          lockstep == null
              ? last.run(this, pc - entrance.offset, left, entrance.entry)
              : runTwice(entrance, pc);
      if ((pc & 1) != 0) {
        counters.left = left;
        if (pc == TranslatedCode.FAULTED) {
          throw trap;
        }
        return false;
      }
    }
    r.pc = pc;
    counters.left = left;
    return true;
  }

  private long runTwice(Entrances.Entrance entrance, long pc) {
    comparing = true;
    try {
      return lockstep.run(entrance, this, pc);
    } finally {
      comparing = false;
      mmu.endJournal();
    }
  }

  private Entrances.Entrance find(Entrances entrances, long pc) {
    Entrances.Entrance entrance = entrances.at(pc);
    if (entrance == null) {
      Region region = look(pc);
      if (region == null) {
        return null;
      }
      entrance = entrances.remember(pc, region);
    }
    return entrance.floats && !floatsReady() ? null : entrance;
  }

  /** Whether the unit is in the state that translated code takes for granted. */
  private boolean floatsReady() {
    return (r.mstatus & Mstatus.FS) != 0 && r.frm == FloatingPoint.RNE;
  }

  /** Finds a region the long way; may trap as a fetch does. */
  private Region look(long pc) {
    CodePage page = fetch.lookup(pc);
    if (page == null) {
      r.pc = pc;
      counters.left = left;
      mmu.enter(pc);
      page = fetch.lookup(pc);
      if (page == null) {
        return null;
      }
    }
    int slot = (int) (pc & 4095) >>> 1;
    Region region = page.region(slot);
    if (region == null || region.mapped(mmu, pc)) {
      return region;
    }
    if (region.stale()) {
      page.dropRegion(slot);
    }
    return null;
  }

  // ---- called by translated code

  /**
   * The budget is used up.
   *
   * @param code that used it up; null if none did
   * @return a new one; 0 if the hart must leave translated code
   */
  int poll(int remaining, TranslatedCode code) {
    if (code != null) {
      code.samples++;
    }
    if (comparing) {
      // Out of the region, with the count as it is.
      return remaining;
    }
    counters.left = remaining;
    counters.settle();
    left = attention.getAsBoolean() ? 0 : SLICE;
    counters.budget = left;
    counters.left = left;
    return left;
  }

  /**
   * The instruction at a site trapped.
   *
   * @return what is left of the budget
   */
  int faulted(int site, int remaining, long base) {
    r.pc = base + RegionEmitter.siteOffset(site);
    return remaining - RegionEmitter.siteOrdinal(site);
  }

  long load(long virtual, int bytes) {
    return mmu.load(virtual, bytes);
  }

  void store(long virtual, int bytes, long value) {
    mmu.store(virtual, bytes, value);
  }

  void atomic(long decoded) {
    atomics.execute(decoded);
  }

  /**
   * Executes an instruction of {@link SystemOps}.
   *
   * @param pc where it is
   * @param remaining what is left of the budget before it
   * @return whether to go on with the next one; if not, the hart's pc says where
   */
  boolean system(long decoded, long pc, int remaining) {
    r.pc = pc;
    counters.left = remaining;
    return system.execute(decoded);
  }

  /** Floating-point registers or flags were written, if {@code dirty} is not 0. */
  void floatDirty(int dirty) {
    if (dirty != 0) {
      r.floatDirty();
    }
  }
}
