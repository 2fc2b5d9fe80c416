package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Google's goldfish real-time clock: wall-clock nanoseconds and one alarm.
 *
 * <p>The time is the host's wall clock plus an offset that the guest changes by setting the clock;
 * only the offset moves, so after a move the guest sees the destination's wall time. The alarm is
 * kept in wall time and waited for in guest time, then looked at again. Guarded by this object's
 * lock.
 */
public final class GoldfishRtc implements MmioDevice, Lifecycle, Migratable<RtcState> {
  private static final int TIME_LOW = 0x00;
  private static final int TIME_HIGH = 0x04;
  private static final int ALARM_LOW = 0x08;
  private static final int ALARM_HIGH = 0x0c;
  private static final int INTERRUPT_ENABLED = 0x10;
  private static final int CLEAR_ALARM = 0x14;
  private static final int ALARM_STATUS = 0x18;
  private static final int CLEAR_INTERRUPT = 0x1c;
  private static final long LOW = 0xffff_ffffL;

  private final LongSupplier wallNanos;
  private final GuestClock clock;
  private final InterruptLine interrupt;
  private final GuestTimers.Timer timer;
  private final RtcState state = new RtcState();

  /**
   * A clock that shows the host's time.
   *
   * @param wallNanos nanoseconds since 1970, UTC
   * @param clock guest time, in which the alarm is waited for
   */
  public GoldfishRtc(
      LongSupplier wallNanos, GuestClock clock, GuestTimers timers, InterruptLine interrupt) {
    this.wallNanos = wallNanos;
    this.clock = clock;
    this.interrupt = interrupt;
    this.timer = timers.create(this::lookAtAlarm);
  }

  /** The host's wall clock. */
  public static long hostWallNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  @Override
  public String name() {
    return "rtc";
  }

  @Override
  public long size() {
    return 0x1000;
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    if (bytes != 4) {
      return 0;
    }
    return switch ((int) offset) {
      case TIME_LOW -> {
        long now = now();
        state.timeHigh = now >>> 32;
        yield now & LOW;
      }
      case TIME_HIGH -> state.timeHigh;
      case ALARM_LOW -> state.alarmNext & LOW;
      case ALARM_HIGH -> state.alarmNext >>> 32;
      case INTERRUPT_ENABLED -> state.interruptEnabled;
      case ALARM_STATUS -> state.alarmRunning;
      default -> 0;
    };
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    if (bytes == 4) {
      storeRegister((int) offset, value & LOW);
    }
  }

  private void storeRegister(int offset, long word) {
    switch (offset) {
      case TIME_LOW -> setTime(now() & ~LOW | word);
      case TIME_HIGH -> setTime(now() & LOW | word << 32);
      case ALARM_LOW -> {
        state.alarmNext = state.alarmNext & ~LOW | word;
        setAlarm();
      }
      case ALARM_HIGH -> state.alarmNext = state.alarmNext & LOW | word << 32;
      case INTERRUPT_ENABLED -> {
        state.interruptEnabled = word & 1;
        update();
      }
      case CLEAR_ALARM -> clearAlarm();
      case CLEAR_INTERRUPT -> {
        state.interruptPending = 0;
        update();
      }
      default -> {}
    }
  }

  private long now() {
    return wallNanos.getAsLong() + state.tickOffset;
  }

  private void setTime(long time) {
    state.tickOffset += time - now();
    if (state.alarmRunning != 0) {
      setAlarm();
    }
  }

  private void setAlarm() {
    long wait = state.alarmNext - now();
    if (wait <= 0) {
      clearAlarm();
      state.interruptPending = 1;
      update();
    } else {
      state.alarmRunning = 1;
      long deadline = clock.nanos() + wait;
      timer.arm(deadline < 0 ? GuestTimers.NEVER : deadline);
    }
  }

  private void clearAlarm() {
    timer.disarm();
    state.alarmRunning = 0;
  }

  private synchronized void lookAtAlarm() {
    if (state.alarmRunning != 0) {
      setAlarm();
    }
  }

  private void update() {
    interrupt.set((state.interruptPending & state.interruptEnabled) != 0);
  }

  /** Alarm and interrupt go; the time stays set. */
  @Override
  public synchronized void reset() {
    clearAlarm();
    state.alarmNext = 0;
    state.interruptPending = 0;
    state.interruptEnabled = 0;
    update();
  }

  @Override
  public void resume() {
    lookAtAlarm();
  }

  @Override
  public String sectionName() {
    return "goldfish_rtc";
  }

  @Override
  public StateDeclaration<RtcState> declaration() {
    return RtcState.DECLARATION;
  }

  @Override
  public synchronized RtcState snapshot() {
    RtcState copy = new RtcState();
    state.copyTo(copy);
    // The offset as older QEMUs read it: against guest time instead of the wall clock.
    copy.tickOffsetToGuestTime = state.tickOffset + wallNanos.getAsLong() - clock.nanos();
    return copy;
  }

  @Override
  public RtcState blank() {
    return new RtcState();
  }

  @Override
  public synchronized void commit(RtcState loaded) {
    loaded.copyTo(state);
    update();
    timer.disarm();
    if (state.alarmRunning != 0) {
      setAlarm();
    }
  }
}
