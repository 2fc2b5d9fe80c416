package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import java.util.Optional;

/**
 * One interrupt file of an incoming MSI controller (Advanced Interrupt Architecture 1.0, 3): 255
 * identities for one hart at one privilege level, of which the lowest is the most urgent. Messages
 * come as writes to its page, from any thread; the hart reaches the rest through its own registers.
 *
 * <p>All state is guarded by this object's lock, under which the output is driven.
 */
public final class Imsic implements MmioDevice, Lifecycle, Migratable<ImsicState> {
  /** Name of its section in QEMU's stream. */
  public static final String SECTION = "riscv_imsic";

  /** Identities, of which 0 does not exist. */
  public static final int IDENTITIES = 256;

  /** Bytes of address space of one file. */
  public static final long SIZE = 0x1000;

  static final int WORDS = IDENTITIES / 64;

  private static final int DELIVERY = 0x70;
  private static final int THRESHOLD = 0x72;
  private static final int PENDING = 0x80;
  private static final int ENABLED = 0xc0;
  private static final int NONE_ZERO = ~1;

  private final String name;
  private final int instance;
  private final InterruptLine output;
  private final ImsicState state = new ImsicState();

  /**
   * A file at power-on.
   *
   * @param name for logs
   * @param instance of its section: those of machine level come first, by hart, then the others
   * @param output the hart's external interrupt at this level
   */
  public Imsic(String name, int instance, InterruptLine output) {
    this.name = name;
    this.instance = instance;
    this.output = output;
  }

  // ---- Its page: seteipnum, little-endian and big-endian (3.5).

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return SIZE;
  }

  @Override
  public long load(long offset, int bytes) {
    return 0;
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (bytes == 4 && offset == 0) {
      message((int) value);
    } else if (bytes == 4 && offset == 4) {
      message(Integer.reverseBytes((int) value));
    }
  }

  /** A message came; one of an identity that does not exist is ignored. Any thread. */
  public synchronized void message(int identity) {
    if (identity > 0 && identity < IDENTITIES) {
      state.pending[identity >>> 6] |= 1L << identity;
      update();
    }
  }

  // ---- What the hart's registers reach (3.8, 3.10).

  /**
   * Reads an indirect register (AIA 1.0, 3.8).
   *
   * @param register 0x70 to 0xff; those that do not exist read as 0
   */
  public synchronized long select(int register) {
    if (register < PENDING) {
      return register == DELIVERY ? state.delivery : register == THRESHOLD ? state.threshold : 0;
    }
    int word = (register & 0x3f) >>> 1;
    long[] bits = register < ENABLED ? state.pending : state.enabled;
    return word < WORDS ? bits[word] : 0;
  }

  /** Writes an indirect register; those that do not exist, and bits that are none, ignore it. */
  public synchronized void select(int register, long value) {
    int word = (register & 0x3f) >>> 1;
    if (register == DELIVERY) {
      state.delivery = value & 1;
    } else if (register == THRESHOLD) {
      state.threshold = value & (IDENTITIES - 1);
    } else if (register >= PENDING && word < WORDS) {
      long[] bits = register < ENABLED ? state.pending : state.enabled;
      bits[word] = word == 0 ? value & NONE_ZERO : value;
    }
    update();
  }

  /** The most urgent identity that is pending, enabled and below the threshold; 0 for none. */
  public synchronized int top() {
    return state.top();
  }

  /** An identity is served: it is not pending any more. */
  public synchronized void claim(int identity) {
    if (identity > 0 && identity < IDENTITIES) {
      state.pending[identity >>> 6] &= ~(1L << identity);
      update();
    }
  }

  private void update() {
    output.set(state.raised());
  }

  // ---- State.

  @Override
  public synchronized void reset() {
    new ImsicState().copyTo(state);
    update();
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
  public StateDeclaration<ImsicState> declaration() {
    return ImsicState.DECLARATION;
  }

  /**
   * Its APLIC marks a level-sensitive source as pending when the guest writes the source's number
   * to {@code setipnum}, even if the input is low (AIA 1.0, 4.9.2 forbids it). Linux does so at the
   * end of every wired interrupt, and never gets out of the first one. Later releases look at the
   * input.
   */
  @Override
  public Optional<String> obstacle(QemuRelease release) {
    return release == QemuRelease.QEMU_7_2
        ? Optional.of(
            "qemu-7.2 runs no Linux with interrupt files (aia=aplic-imsic), not even one that boots"
                + " there: its APLIC repeats a wired interrupt for ever once it is served; use QEMU"
                + " 10.0 or later, or boot the guest with aia=aplic")
        : Optional.empty();
  }

  @Override
  public synchronized ImsicState snapshot() {
    ImsicState copy = blank();
    state.copyTo(copy);
    return copy;
  }

  @Override
  public ImsicState blank() {
    return new ImsicState();
  }

  @Override
  public synchronized void commit(ImsicState loaded) {
    loaded.copyTo(state);
    update();
  }
}
