package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * Guest time: a host monotonic clock plus an offset that migrates, standing still while paused.
 *
 * <p>In the stream it is QEMU's {@code timer} section: while a machine is stopped, its clock offset
 * <em>is</em> the guest time in nanoseconds, and a destination goes on from there. Reading never
 * takes a lock. A new clock stands still at 0.
 */
public final class GuestClock implements Lifecycle, Migratable<GuestClock.Saved> {
  /** Ticks of {@code mtime} a second, the device tree's {@code timebase-frequency}. */
  public static final long TICKS_PER_SECOND = 10_000_000;

  /** Guest nanoseconds in one tick of {@code mtime}. */
  public static final long NANOS_PER_TICK = 1_000_000_000 / TICKS_PER_SECOND;

  /** The saved type: guest time in nanoseconds, in the two forms QEMU keeps it. */
  public static final class Saved {
    long ticksOffset;
    long clockOffset;
  }

  private static final StateDeclaration<Saved> DECLARATION =
      StateDeclaration.<Saved>of("timer", 2)
          .scalar("cpu_ticks_offset", WireType.I64, s -> s.ticksOffset, (s, v) -> s.ticksOffset = v)
          .unused(8)
          .scalar("cpu_clock_offset", WireType.I64, s -> s.clockOffset, (s, v) -> s.clockOffset = v)
          .build();

  /** Running: guest time is the host's plus {@code base}. Stopped: it is {@code base}. */
  private record Pace(boolean running, long base) {}

  private final LongSupplier hostNanos;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile Pace pace = new Pace(false, 0);

  /**
   * A stopped clock.
   *
   * @param hostNanos a monotonic nanosecond source, such as {@link System#nanoTime}
   */
  public GuestClock(LongSupplier hostNanos) {
    this.hostNanos = hostNanos;
  }

  /** Guest time in nanoseconds. */
  public long nanos() {
    Pace now = pace;
    return now.running ? hostNanos.getAsLong() + now.base : now.base;
  }

  /** Guest time in 10 MHz ticks, what {@code mtime} and the {@code time} CSR show. */
  public long ticks() {
    return nanos() / NANOS_PER_TICK;
  }

  /** Whether time passes. */
  public boolean running() {
    return pace.running;
  }

  /** Calls {@code listener} whenever time starts, stops or jumps. */
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /** Guest time goes on over a reset, as a wall would see it. */
  @Override
  public void reset() {}

  @Override
  public synchronized void pause() {
    if (pace.running) {
      change(new Pace(false, nanos()));
    }
  }

  @Override
  public synchronized void resume() {
    if (!pace.running) {
      change(new Pace(true, pace.base - hostNanos.getAsLong()));
    }
  }

  @Override
  public String sectionName() {
    return "timer";
  }

  @Override
  public StateDeclaration<Saved> declaration() {
    return DECLARATION;
  }

  @Override
  public Saved snapshot() {
    Saved saved = new Saved();
    saved.clockOffset = nanos();
    saved.ticksOffset = saved.clockOffset;
    return saved;
  }

  @Override
  public Saved blank() {
    return new Saved();
  }

  @Override
  public synchronized void commit(Saved state) {
    boolean running = pace.running;
    change(
        new Pace(running, running ? state.clockOffset - hostNanos.getAsLong() : state.clockOffset));
  }

  private void change(Pace next) {
    pace = next;
    listeners.forEach(Runnable::run);
  }
}
