package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A domain of the advanced platform-level interrupt controller (Advanced Interrupt Architecture
 * 1.0, 4): 96 wired sources, which the root domain, of machine level, keeps or leaves to its child,
 * of supervisor level. Interrupts go to harts directly, or as messages to their interrupt files.
 *
 * <p>Both domains share one lock, under which outputs are driven and messages sent.
 */
public final class Aplic implements MmioDevice, Lifecycle, Migratable<AplicState> {
  /** Name of its section in QEMU's stream. */
  public static final String SECTION = "riscv_aplic";

  /** Sources, of which 0 does not exist. */
  public static final int SOURCES = 97;

  /** Bytes of address space, enough for the direct interrupts of 512 harts. */
  public static final long SIZE = 0x8000;

  private static final int WORDS = (SOURCES + 31) / 32;

  private static final int ENABLE = 1 << 8;
  private static final int BY_MESSAGE = 1 << 2;
  private static final int ALWAYS = 0x8000_0000;
  private static final int DELEGATED = 1 << 10;
  private static final int MODE = 7;
  private static final int LOCKED = 1 << 31;
  private static final int MESSAGE_TARGET = 0xffff_f7ff;
  private static final int DIRECT_TARGET = 0xfffc_0007;

  private final Object lock;
  private final Aplic root;
  private final int instance;
  private final AplicDelivery delivery;
  private final boolean[] levels;
  private final AplicState state;
  private final StateDeclaration<AplicState> declaration;
  private Aplic child;

  /** A root domain at power-on. */
  public Aplic(AplicDelivery delivery) {
    this(null, delivery);
  }

  private Aplic(Aplic parent, AplicDelivery delivery) {
    this.root = parent == null ? this : parent;
    this.lock = parent == null ? new Object() : parent.lock;
    this.levels = parent == null ? new boolean[SOURCES] : parent.levels;
    this.instance = parent == null ? 0 : 1;
    this.delivery = delivery;
    this.state = new AplicState(delivery.harts());
    this.declaration = AplicState.declaration(delivery.harts());
    toPowerOn();
  }

  /** Gives a root domain its child. */
  public Aplic withChild(AplicDelivery childsDelivery) {
    child = new Aplic(this, childsDelivery);
    return child;
  }

  /**
   * The input of a source of the root domain.
   *
   * @param irq 1 to 96
   */
  public InterruptLine input(int irq) {
    if (irq < 1 || irq >= SOURCES) {
      throw new IllegalArgumentException("interrupt source " + irq + " is not in 1..96");
    }
    return asserted -> drive(irq, asserted);
  }

  private void drive(int irq, boolean asserted) {
    synchronized (lock) {
      if (levels[irq] != asserted) {
        levels[irq] = asserted;
        owner(irq).inputChanged(irq);
      }
    }
  }

  private Aplic owner(int irq) {
    return child != null && delegates(irq) ? child : this;
  }

  private boolean delegates(int irq) {
    return (state.source[irq] & DELEGATED) != 0;
  }

  // ---- Sources (4.5, 4.7).

  private SourceMode mode(int irq) {
    return SourceMode.of(delegates(irq) ? 0 : state.source[irq] & MODE);
  }

  /** The input as the source's mode takes it. */
  private boolean rectified(int irq) {
    return mode(irq).rectified(levels[irq]);
  }

  private void inputChanged(int irq) {
    SourceMode mode = mode(irq);
    if (mode.level()) {
      mark(irq, AplicState.PENDING, rectified(irq));
    } else if (mode.edge() && rectified(irq)) {
      mark(irq, AplicState.PENDING, true);
    }
    deliver(irq);
  }

  private void setPending(int irq) {
    SourceMode mode = exists(irq) ? mode(irq) : SourceMode.INACTIVE;
    boolean wanted = mode.level() ? delivery.byMessage() && rectified(irq) : mode.active();
    if (wanted) {
      mark(irq, AplicState.PENDING, true);
      deliver(irq);
    }
  }

  private void clearPending(int irq) {
    if (exists(irq) && (delivery.byMessage() || !mode(irq).level())) {
      mark(irq, AplicState.PENDING, false);
      deliver(irq);
    }
  }

  private void enable(int irq, boolean on) {
    if (exists(irq) && mode(irq).active()) {
      mark(irq, AplicState.ENABLED, on);
      deliver(irq);
    }
  }

  private static boolean exists(int irq) {
    return irq > 0 && irq < SOURCES;
  }

  private void mark(int irq, int bit, boolean on) {
    state.state[irq] = on ? state.state[irq] | bit : state.state[irq] & ~bit;
  }

  private void deliver(int irq) {
    delivery.deliver(this, irq);
  }

  private void deliverAll() {
    for (int irq = 1; irq < SOURCES; irq++) {
      deliver(irq);
    }
  }

  // ---- What delivery asks.

  AplicState state() {
    return state;
  }

  boolean enabled() {
    return (state.domain & ENABLE) != 0;
  }

  /** Whether a source is both pending and enabled. */
  boolean ready(int irq) {
    int both = AplicState.PENDING | AplicState.ENABLED;
    return (state.state[irq] & both) == both;
  }

  /** A source was served: what was pending because of an edge is not any more. */
  void served(int irq) {
    if (delivery.byMessage() || !mode(irq).level()) {
      mark(irq, AplicState.PENDING, false);
    }
  }

  /** The page of memory that messages to a hart are written to (4.9.1). */
  long messageAddress(int hart) {
    int[] a = root.state.addresses;
    int low = this == root ? a[0] : a[2];
    int high = this == root ? a[1] : a[3];
    int groupShift = (a[1] >>> 24 & 0x1f) + 12;
    int groupBits = a[1] >>> 16 & 7;
    int hartBits = a[1] >>> 12 & 0xf;
    long group = hart >>> hartBits & (1L << groupBits) - 1;
    long inGroup = hart & (1L << hartBits) - 1;
    long base = low & 0xffff_ffffL | (long) (high & 0xfff) << 32;
    return (base | group << groupShift | inGroup << (high >>> 20 & 7)) << 12;
  }

  // ---- Registers (4.5, 4.8).

  @Override
  public String name() {
    return this == root ? "aplic-m" : "aplic-s";
  }

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public long load(long offset, int bytes) {
    if (bytes != 4) {
      return 0;
    }
    synchronized (lock) {
      return register((int) offset) & 0xffff_ffffL;
    }
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes == 4) {
      synchronized (lock) {
        register((int) offset, (int) value);
      }
    }
  }

  private int register(int offset) {
    int index = offset >>> 2 & 0x3ff;
    return switch (offset >>> 12) {
      case 0 -> index == 0 ? domain() : index < SOURCES ? state.source[index] : 0;
      case 1 -> array(offset);
      case 3 -> index == 0 ? state.generated : index < SOURCES ? state.target[index] : 0;
      case 2 -> 0;
      default -> delivery.load(this, offset - 0x4000);
    };
  }

  private int domain() {
    return ALWAYS | state.domain & ENABLE | (delivery.byMessage() ? BY_MESSAGE : 0);
  }

  private int array(int offset) {
    int word = offset >>> 2 & 0x3f;
    if (offset >= 0x1bc0 && offset < 0x1bd0) {
      return this == root ? state.addresses[offset - 0x1bc0 >>> 2] : 0;
    }
    if (word >= WORDS) {
      return 0;
    }
    return switch (offset >>> 8) {
      case 0x1c -> bits(word, irq -> (state.state[irq] & AplicState.PENDING) != 0);
      case 0x1d -> bits(word, this::rectified);
      case 0x1e -> bits(word, irq -> (state.state[irq] & AplicState.ENABLED) != 0);
      default -> 0;
    };
  }

  private static int bits(int word, IntPredicate set) {
    int bits = 0;
    for (int irq = Math.max(1, word * 32); irq < Math.min(SOURCES, word * 32 + 32); irq++) {
      bits |= set.test(irq) ? 1 << irq : 0;
    }
    return bits;
  }

  private void register(int offset, int value) {
    int index = offset >>> 2 & 0x3ff;
    switch (offset >>> 12) {
      case 0 -> configure(index, value);
      case 1 -> array(offset, value);
      case 2 -> setPending(index == 0 ? value : index == 1 ? Integer.reverseBytes(value) : 0);
      case 3 -> target(index, value);
      default -> delivery.store(this, offset - 0x4000, value);
    }
  }

  private void configure(int index, int value) {
    if (index == 0) {
      state.domain = value & ENABLE;
      deliverAll();
    } else if (index < SOURCES && (this == root || root.delegates(index))) {
      source(index, value);
    }
  }

  private void source(int irq, int value) {
    boolean toChild = child != null && (value & DELEGATED) != 0;
    int mode = SourceMode.of(value & MODE).active() ? value & MODE : 0;
    state.source[irq] = toChild ? DELEGATED : (value & DELEGATED) != 0 ? 0 : mode;
    if (child != null && !toChild) {
      child.forget(irq);
    }
    if (mode(irq).active()) {
      inputChanged(irq);
    } else {
      state.state[irq] = 0;
      state.target[irq] = delivery.initialTarget();
    }
    deliver(irq);
  }

  private void forget(int irq) {
    state.source[irq] = 0;
    state.state[irq] = 0;
    state.target[irq] = delivery.initialTarget();
    deliver(irq);
  }

  private void array(int offset, int value) {
    int word = offset >>> 2 & 0x3f;
    if (offset >= 0x1bc0 && offset < 0x1bd0) {
      address(offset - 0x1bc0 >>> 2, value);
      return;
    }
    switch (offset) {
      case 0x1cdc -> setPending(value);
      case 0x1ddc -> clearPending(value);
      case 0x1edc -> enable(value, true);
      case 0x1fdc -> enable(value, false);
      default -> {
        for (int bits = word < WORDS ? value : 0; bits != 0; bits &= bits - 1) {
          change(offset >>> 8, word * 32 + Integer.numberOfTrailingZeros(bits));
        }
      }
    }
  }

  private void change(int array, int irq) {
    switch (array) {
      case 0x1c -> setPending(irq);
      case 0x1d -> clearPending(irq);
      case 0x1e -> enable(irq, true);
      case 0x1f -> enable(irq, false);
      default -> {}
    }
  }

  private void address(int index, int value) {
    if (this == root && (state.addresses[1] & LOCKED) == 0) {
      state.addresses[index] = value;
    }
  }

  private void target(int index, int value) {
    if (index == 0) {
      state.generated = delivery.byMessage() ? value & MESSAGE_TARGET : 0;
      delivery.send(this, state.generated);
    } else if (index < SOURCES && mode(index).active()) {
      int direct = value & DIRECT_TARGET;
      int lowest = (direct & 7) == 0 ? direct | 1 : direct;
      state.target[index] = delivery.byMessage() ? value & MESSAGE_TARGET : lowest;
      deliver(index);
    }
  }

  // ---- State.

  private void toPowerOn() {
    new AplicState(delivery.harts()).copyTo(state);
    Arrays.fill(state.target, delivery.initialTarget());
  }

  @Override
  public void reset() {
    synchronized (lock) {
      toPowerOn();
      delivery.refresh(this);
    }
  }

  @Override
  public String sectionName() {
    return SECTION;
  }

  @Override
  public int instanceId() {
    return instance;
  }

  @Override
  public StateDeclaration<AplicState> declaration() {
    return declaration;
  }

  @Override
  public AplicState snapshot() {
    synchronized (lock) {
      AplicState copy = blank();
      state.copyTo(copy);
      for (int irq = 1; irq < SOURCES; irq++) {
        copy.state[irq] |= levels[irq] && mode(irq).active() ? AplicState.INPUT : 0;
      }
      return copy;
    }
  }

  @Override
  public AplicState blank() {
    return new AplicState(delivery.harts());
  }

  /** Levels are taken over too, so that a device that drives its line again makes no edge. */
  @Override
  public void commit(AplicState loaded) {
    synchronized (lock) {
      loaded.copyTo(state);
      for (int irq = 1; irq < SOURCES; irq++) {
        if (mode(irq).active()) {
          levels[irq] = (state.state[irq] & AplicState.INPUT) != 0;
        }
        mark(irq, AplicState.INPUT, false);
      }
      delivery.refresh(this);
    }
  }
}
