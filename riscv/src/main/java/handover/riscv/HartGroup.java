package handover.riscv;

import handover.memory.GuestMemory;
import handover.vmstate.WireReader;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What the harts of one machine share: the decoded and the translated code.
 *
 * <p>All of them have the same memory and the same features.
 */
public final class HartGroup {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Object lock = new Object();
  private final Acceleration acceleration;
  private CodeCache code;
  private Translator translator;
  private boolean held;

  /** A group without members yet. */
  public HartGroup(Acceleration acceleration) {
    this.acceleration = acceleration;
  }

  /** A group whose harts interpret everything. */
  public HartGroup() {
    this(Acceleration.INTERPRETER);
  }

  /**
   * Begins to warm the interpreter up in the background, the first time in this JVM: for who is
   * about to run a guest.
   */
  public static void rehearseInterpreter() {
    Rehearsal.once();
  }

  /** Loads and links what a first hart needs; any thread. */
  public static void prepare() {
    Tlb tlb = new Tlb(Tlb.words(), 0);
    tlb.verify(0);
    tlb.dropWrites();
  }

  CodeCache codeCache(GuestMemory memory, CpuFeatures features) {
    synchronized (lock) {
      if (code == null) {
        code = new CodeCache(memory, features);
      }
      return code;
    }
  }

  /**
   * The one that makes regions for all harts; null when everything is interpreted.
   *
   * <p>Without compressed instructions jumps may trap, which translated code does not check.
   */
  Translator translator(CpuFeatures features) {
    synchronized (lock) {
      boolean wanted = acceleration.translate() && features.has(Instruction.Extension.C);
      if (wanted && translator == null) {
        translator = new Translator(code, acceleration, this::awaitRelease);
      }
      return translator;
    }
  }

  /** Where the guest is hot, for {@link #warmUp} of another machine; empty if nobody knows. */
  public byte[] hotCode() {
    return warmth().map(warmth -> warmth.hotCode().encode()).orElse(new byte[0]);
  }

  /**
   * Gets ready for a guest before it arrives. Takes as long as that needs; harts must not run.
   *
   * @param hotCode what {@link #hotCode} of the guest's machine said, or anything: it comes from
   *     elsewhere, and is believed as far as it can do no harm
   * @param enough ends it early
   * @throws handover.vmstate.StreamException if it cannot be true
   */
  public void warmUp(byte[] hotCode, BooleanSupplier enough) {
    if (hotCode.length > 0) {
      HotCode hot = HotCode.decode(new WireReader(hotCode));
      warmth().ifPresent(warmth -> warmth.prepare(hot, enough));
    }
  }

  private Optional<Warmth> warmth() {
    synchronized (lock) {
      return Optional.ofNullable(translator).map(t -> new Warmth(code, t));
    }
  }

  /**
   * The harts are brought to a halt, or go on. Nothing is translated while they stand still: in the
   * blackout of a migration every processor is needed for the guest.
   */
  public void held(boolean now) {
    synchronized (lock) {
      held = now;
      lock.notifyAll();
    }
  }

  /**
   * Waits until the harts go on.
   *
   * @return whether they do; false after a while
   */
  private boolean awaitRelease() {
    long end = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lock) {
      try {
        for (long left = 1; held && left > 0; left = end - System.nanoTime()) {
          lock.wait(PATIENCE.toMillis());
        }
        return !held;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
