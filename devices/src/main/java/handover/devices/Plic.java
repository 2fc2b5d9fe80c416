package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;

/**
 * The platform-level interrupt controller of SiFive's layout (RISC-V PLIC specification 1.0.0): 96
 * sources, priorities 0 to 7, two contexts (machine, supervisor) for each hart.
 *
 * <p>Inputs are levels. A level is forwarded once; it is forwarded again after completion if it is
 * still high, and withdrawn if it falls before it was claimed. A claim is not affected by the
 * threshold (specification, section 9). Input levels themselves are not in the stream: after a load
 * every device drives its line again.
 *
 * <p>All state is guarded by this object's lock; outputs are driven while it is held, in the order
 * of the changes, so they must be cheap and must not call back.
 */
public final class Plic implements MmioDevice, Lifecycle, Migratable<PlicState> {
  /** Interrupt sources, of which 0 does not exist. */
  public static final int SOURCES = 96;

  /** Bytes of address space, enough for the contexts of 512 harts. */
  public static final long SIZE = 0x600000;

  static final int WORDS = SOURCES / 32;
  private static final int MAX_PRIORITY = 7;

  private static final int PENDING = 0x1000;
  private static final int ENABLE = 0x2000;
  private static final int ENABLE_STRIDE = 0x80;
  private static final int CONTEXT = 0x200000;
  private static final int CONTEXT_STRIDE = 0x1000;

  private final InterruptLine[] outputs;
  private final boolean[] driven;
  private final int[] levels = new int[WORDS];
  private final PlicState state;
  private final StateDeclaration<PlicState> declaration;

  /**
   * A controller at power-on.
   *
   * @param outputs the external interrupt line of each context: hart 0 machine, hart 0 supervisor,
   *     hart 1 machine, …
   */
  public Plic(InterruptLine... outputs) {
    this.outputs = outputs.clone();
    this.driven = new boolean[outputs.length];
    this.state = new PlicState(outputs.length);
    this.declaration = PlicState.declaration(outputs.length);
  }

  @Override
  public String name() {
    return "plic";
  }

  @Override
  public long size() {
    return SIZE;
  }

  /**
   * The input of a source.
   *
   * @param irq 1 to 95
   */
  public InterruptLine input(int irq) {
    if (irq < 1 || irq >= SOURCES) {
      throw new IllegalArgumentException("interrupt source " + irq + " is not in 1..95");
    }
    int word = irq >>> 5;
    int bit = 1 << irq;
    return asserted -> drive(word, bit, asserted);
  }

  private synchronized void drive(int word, int bit, boolean asserted) {
    if (asserted == ((levels[word] & bit) != 0)) {
      return;
    }
    levels[word] ^= bit;
    if (!asserted) {
      state.pending[word] &= ~bit;
    } else if ((state.claimed[word] & bit) == 0) {
      state.pending[word] |= bit;
    }
    update();
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    return bytes == 4 ? register((int) offset) & 0xffff_ffffL : 0;
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    if (bytes == 4) {
      register((int) offset, (int) value);
      update();
    }
  }

  private int register(int offset) {
    if (offset < PENDING) {
      return offset >>> 2 < SOURCES ? state.sourcePriority[offset >>> 2] : 0;
    }
    if (offset < ENABLE) {
      int word = (offset - PENDING) >>> 2;
      return word < WORDS ? state.pending[word] : 0;
    }
    if (offset < CONTEXT) {
      int index = enableIndex(offset);
      return index < 0 ? 0 : state.enable[index];
    }
    int context = (offset - CONTEXT) / CONTEXT_STRIDE;
    if (context >= outputs.length) {
      return 0;
    }
    return switch (offset & (CONTEXT_STRIDE - 1)) {
      case 0 -> state.targetPriority[context];
      case 4 -> claim(context);
      default -> 0;
    };
  }

  private void register(int offset, int value) {
    if (offset < PENDING) {
      int source = offset >>> 2;
      if (source > 0 && source < SOURCES) {
        state.sourcePriority[source] = value & MAX_PRIORITY;
      }
    } else if (offset >= ENABLE && offset < CONTEXT) {
      int index = enableIndex(offset);
      if (index >= 0) {
        // Source 0 does not exist: its bit is hardwired to zero.
        state.enable[index] = index % WORDS == 0 ? value & ~1 : value;
      }
    } else if (offset >= CONTEXT) {
      contextRegister(offset, value);
    }
  }

  private void contextRegister(int offset, int value) {
    int context = (offset - CONTEXT) / CONTEXT_STRIDE;
    if (context < outputs.length) {
      switch (offset & (CONTEXT_STRIDE - 1)) {
        case 0 -> state.targetPriority[context] = value & MAX_PRIORITY;
        case 4 -> complete(value);
        default -> {}
      }
    }
  }

  private int enableIndex(int offset) {
    int context = (offset - ENABLE) / ENABLE_STRIDE;
    int word = (offset & (ENABLE_STRIDE - 1)) >>> 2;
    return context < outputs.length && word < WORDS ? context * WORDS + word : -1;
  }

  private int claim(int context) {
    int irq = best(context, 0);
    if (irq != 0) {
      state.pending[irq >>> 5] &= ~(1 << irq);
      state.claimed[irq >>> 5] |= 1 << irq;
      update();
    }
    return irq;
  }

  private void complete(int irq) {
    if (irq > 0 && irq < SOURCES) {
      int word = irq >>> 5;
      int bit = 1 << irq;
      if ((state.claimed[word] & bit) != 0) {
        state.claimed[word] &= ~bit;
        state.pending[word] |= levels[word] & bit;
      }
    }
  }

  /**
   * The enabled pending source of highest priority above {@code floor}, lowest number first; or 0.
   */
  private int best(int context, int floor) {
    int found = 0;
    int highest = floor;
    for (int word = 0; word < WORDS; word++) {
      int ready = state.pending[word] & ~state.claimed[word] & state.enable[context * WORDS + word];
      while (ready != 0) {
        int irq = (word << 5) + Integer.numberOfTrailingZeros(ready);
        if (state.sourcePriority[irq] > highest) {
          highest = state.sourcePriority[irq];
          found = irq;
        }
        ready &= ready - 1;
      }
    }
    return found;
  }

  private void update() {
    for (int context = 0; context < outputs.length; context++) {
      boolean asserted = best(context, state.targetPriority[context]) != 0;
      if (asserted != driven[context]) {
        driven[context] = asserted;
        outputs[context].set(asserted);
      }
    }
  }

  /** Registers go to zero; inputs that are high are forwarded anew. */
  @Override
  public synchronized void reset() {
    new PlicState(outputs.length).copyTo(state);
    System.arraycopy(levels, 0, state.pending, 0, WORDS);
    update();
  }

  @Override
  public String sectionName() {
    return "riscv_sifive_plic";
  }

  @Override
  public StateDeclaration<PlicState> declaration() {
    return declaration;
  }

  @Override
  public synchronized PlicState snapshot() {
    PlicState copy = blank();
    state.copyTo(copy);
    return copy;
  }

  @Override
  public PlicState blank() {
    return new PlicState(outputs.length);
  }

  @Override
  public synchronized void commit(PlicState loaded) {
    loaded.copyTo(state);
    for (int word = 0; word < WORDS; word++) {
      state.pending[word] |= levels[word] & ~state.claimed[word];
    }
    Arrays.fill(driven, false);
    for (InterruptLine output : outputs) {
      output.set(false);
    }
    update();
  }
}
