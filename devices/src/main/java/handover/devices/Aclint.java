package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;

/**
 * Software and timer interrupts of machine mode, in the layout of SiFive's CLINT that the RISC-V
 * ACLINT specification keeps: {@code msip} words at 0, {@code mtimecmp} at 0x4000, {@code mtime} at
 * 0xbff8.
 *
 * <p>MTIP follows {@code mtime >= mtimecmp} (unsigned) by deadline, not by polling; the comparison
 * is made again on resume, so a pending timer survives a move whatever the stream's version. {@code
 * msip} is not in the section: QEMU keeps it in each hart's {@code mip}, from where the machine
 * puts it back with {@link #msip(int, boolean)}. The specification leaves {@code mtimecmp} open at
 * reset; here it is all ones, so no timer is pending.
 */
public final class Aclint implements MmioDevice, Lifecycle, Migratable<AclintState> {
  /** Bytes of address space. */
  public static final long SIZE = 0x10000;

  private static final int MTIMECMP = 0x4000;
  private static final int MTIME = 0xbff8;

  private final GuestClock clock;
  private final InterruptLine[] softwareLines;
  private final InterruptLine[] timerLines;
  private final GuestTimers.Timer[] timers;
  private final boolean[] msip;
  private final long[] timecmp;

  /** What the guest added to {@code mtime} by writing it. */
  private volatile long timeDelta;

  private final StateDeclaration<AclintState> declaration;

  /**
   * For as many harts as there are lines.
   *
   * @param softwareLines MSIP of each hart
   * @param timerLines MTIP of each hart
   */
  public Aclint(
      GuestClock clock,
      GuestTimers guestTimers,
      InterruptLine[] softwareLines,
      InterruptLine[] timerLines) {
    int harts = softwareLines.length;
    this.clock = clock;
    this.softwareLines = softwareLines.clone();
    this.timerLines = timerLines.clone();
    this.msip = new boolean[harts];
    this.timecmp = new long[harts];
    this.timers = new GuestTimers.Timer[harts];
    for (int hart = 0; hart < harts; hart++) {
      int index = hart;
      timers[hart] = guestTimers.create(() -> expired(index));
    }
    Arrays.fill(timecmp, -1);
    this.declaration = AclintState.declaration(harts);
  }

  @Override
  public String name() {
    return "clint";
  }

  @Override
  public long size() {
    return SIZE;
  }

  /** {@code mtime} as the guest reads it. */
  public long mtime() {
    return clock.ticks() + timeDelta;
  }

  /** Whether a hart's software interrupt is raised. */
  public synchronized boolean msip(int hart) {
    return msip[hart];
  }

  /** Raises or lowers a hart's software interrupt, as a guest's write would. */
  public synchronized void msip(int hart, boolean raised) {
    msip[hart] = raised;
    softwareLines[hart].set(raised);
  }

  /**
   * Whether a hart's timer is set to a time that comes, or has come: when the clock stops, a timer
   * may be due whose thread has not been there yet, and its interrupt is not raised.
   */
  public synchronized boolean armed(int hart) {
    return deadline(timecmp[hart] - timeDelta) != GuestTimers.NEVER;
  }

  @Override
  public long load(long offset, int bytes) {
    if (offset < MTIMECMP) {
      int hart = (int) offset >>> 2;
      return bytes == 4 && hart < msip.length && msip(hart) ? 1 : 0;
    }
    if (bytes < 4) {
      return 0;
    }
    return part(wordAt(offset & -8), offset, bytes);
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    if (offset < MTIMECMP) {
      int hart = (int) offset >>> 2;
      if (bytes == 4 && hart < msip.length) {
        msip(hart, (value & 1) != 0);
      }
    } else if (bytes >= 4) {
      storeWord(offset & -8, merged(wordAt(offset & -8), offset, bytes, value));
    }
  }

  private long wordAt(long offset) {
    int hart = timecmpIndex(offset);
    if (hart >= 0) {
      return timecmp(hart);
    }
    return offset == MTIME ? mtime() : 0;
  }

  private void storeWord(long offset, long value) {
    int hart = timecmpIndex(offset);
    if (hart >= 0) {
      timecmp[hart] = value;
      compare(hart);
    } else if (offset == MTIME) {
      timeDelta = value - clock.ticks();
      compareAll();
    }
  }

  private int timecmpIndex(long offset) {
    long hart = (offset - MTIMECMP) >>> 3;
    return offset < MTIME && hart < timecmp.length ? (int) hart : -1;
  }

  private static long part(long word, long offset, int bytes) {
    if (bytes == 8) {
      return word;
    }
    return (offset & 4) == 0 ? word & 0xffff_ffffL : word >>> 32;
  }

  private static long merged(long word, long offset, int bytes, long value) {
    if (bytes == 8) {
      return value;
    }
    long low = value & 0xffff_ffffL;
    return (offset & 4) == 0 ? word & ~0xffff_ffffL | low : word & 0xffff_ffffL | low << 32;
  }

  private synchronized long timecmp(int hart) {
    return timecmp[hart];
  }

  private synchronized void expired(int hart) {
    compare(hart);
  }

  private void compareAll() {
    for (int hart = 0; hart < timecmp.length; hart++) {
      compare(hart);
    }
  }

  /** Drives MTIP as it should be now, and arms the timer for when that changes. */
  private void compare(int hart) {
    if (Long.compareUnsigned(clock.ticks() + timeDelta, timecmp[hart]) >= 0) {
      timers[hart].disarm();
      timerLines[hart].set(true);
    } else {
      timerLines[hart].set(false);
      timers[hart].arm(deadline(timecmp[hart] - timeDelta));
    }
  }

  /** Guest nanoseconds at which so many ticks have passed; NEVER if that is out of reach. */
  static long deadline(long ticks) {
    boolean representable =
        Long.compareUnsigned(ticks, Long.MAX_VALUE / GuestClock.NANOS_PER_TICK) < 0;
    return representable ? ticks * GuestClock.NANOS_PER_TICK : GuestTimers.NEVER;
  }

  @Override
  public synchronized void reset() {
    timeDelta = 0;
    Arrays.fill(timecmp, -1);
    for (int hart = 0; hart < msip.length; hart++) {
      msip(hart, false);
      compare(hart);
    }
  }

  @Override
  public synchronized void resume() {
    compareAll();
  }

  @Override
  public String sectionName() {
    return "riscv_mtimer";
  }

  @Override
  public StateDeclaration<AclintState> declaration() {
    return declaration;
  }

  @Override
  public synchronized AclintState snapshot() {
    AclintState state = blank();
    System.arraycopy(timecmp, 0, state.timecmp, 0, timecmp.length);
    state.timeDelta = timeDelta;
    return state;
  }

  @Override
  public AclintState blank() {
    return new AclintState(timecmp.length);
  }

  @Override
  public synchronized void commit(AclintState state) {
    System.arraycopy(state.timecmp, 0, timecmp, 0, timecmp.length);
    timeDelta = state.timeDelta;
    compareAll();
  }
}
