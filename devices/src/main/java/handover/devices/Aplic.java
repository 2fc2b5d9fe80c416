package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;

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
  private final AplicRegisters registers;
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
    this.registers = new AplicRegisters(this, state, delivery);
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
  boolean rectified(int irq) {
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

  void setPending(int irq) {
    SourceMode mode = exists(irq) ? mode(irq) : SourceMode.INACTIVE;
    boolean wanted = mode.level() ? delivery.byMessage() && rectified(irq) : mode.active();
    if (wanted) {
      mark(irq, AplicState.PENDING, true);
      deliver(irq);
    }
  }

  void clearPending(int irq) {
    if (exists(irq) && (delivery.byMessage() || !mode(irq).level())) {
      mark(irq, AplicState.PENDING, false);
      deliver(irq);
    }
  }

  void enable(int irq, boolean on) {
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
      return registers.load((int) offset) & 0xffff_ffffL;
    }
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes == 4) {
      synchronized (lock) {
        registers.store((int) offset, (int) value);
      }
    }
  }

  /** What the domain's own register reads as. */
  int configuration() {
    return ALWAYS | state.domain & ENABLE | (delivery.byMessage() ? BY_MESSAGE : 0);
  }

  /** Writes the domain's own register, or a source's. */
  void configure(int index, int value) {
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

  /** One of the root's registers that say where messages go. */
  int address(int index) {
    return this == root ? state.addresses[index] : 0;
  }

  void address(int index, int value) {
    if (this == root && (state.addresses[1] & LOCKED) == 0) {
      state.addresses[index] = value;
    }
  }

  /** Writes where a source's interrupts go; of source 0, sends a message there at once. */
  void target(int index, int value) {
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
