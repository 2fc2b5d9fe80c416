package handover.devices;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Alarms in guest time: one thread for all of a machine's timers, asleep until the nearest
 * deadline.
 *
 * <p>Deadlines are absolute guest nanoseconds, so they survive a pause, and a move once the device
 * has armed them again: nothing expires while the clock stands still, and what became due meanwhile
 * expires at once when it runs. The wake-up is as precise as the host's {@code futex} timeout, some
 * tens of microseconds.
 */
public final class GuestTimers implements AutoCloseable {
  /** A deadline that never comes. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final System.Logger LOG = System.getLogger(GuestTimers.class.getName());

  private final GuestClock clock;
  private final CopyOnWriteArrayList<Timer> timers = new CopyOnWriteArrayList<>();
  private final Object lock = new Object();
  private volatile Thread thread;

  /** When the thread will look again by itself. Guarded by {@link #lock}. */
  private long plannedWake = NEVER;

  /** Timers without a thread: {@link #fireDue} is called by hand. */
  GuestTimers(GuestClock clock) {
    this.clock = clock;
    clock.onChange(this::wake);
  }

  /** Starts the timer thread, a daemon. */
  public static GuestTimers start(GuestClock clock) {
    GuestTimers timers = new GuestTimers(clock);
    timers.thread = Thread.ofPlatform().daemon().name("guest-timers").unstarted(timers::run);
    timers.thread.start();
    return timers;
  }

  /** One alarm. Arming is cheap and may be done from any thread. */
  public final class Timer {
    private final Runnable expiry;
    private long deadline = NEVER;

    private Timer(Runnable expiry) {
      this.expiry = expiry;
    }

    /**
     * Replaces the deadline. One that has passed expires as soon as the timer thread gets to it.
     */
    public void arm(long guestNanos) {
      boolean sooner;
      synchronized (lock) {
        deadline = guestNanos;
        sooner = guestNanos < plannedWake;
      }
      if (sooner) {
        wake();
      }
    }

    /** Forgets the deadline. */
    public void disarm() {
      synchronized (lock) {
        deadline = NEVER;
      }
    }

    private boolean takeIfDue(long now) {
      synchronized (lock) {
        if (deadline > now) {
          return false;
        }
        deadline = NEVER;
        return true;
      }
    }
  }

  /**
   * A new, disarmed alarm.
   *
   * @param expiry called on the timer thread, with no lock held, once per arming
   */
  public Timer create(Runnable expiry) {
    Timer timer = new Timer(expiry);
    timers.add(timer);
    return timer;
  }

  /** Ends the thread; nothing expires any more. */
  @Override
  public void close() {
    Thread ended = thread;
    thread = null;
    LockSupport.unpark(ended);
  }

  /**
   * Runs what is due.
   *
   * @return the nearest deadline left, {@link #NEVER} if there is none or time stands still
   */
  long fireDue() {
    if (!clock.running()) {
      return plan(NEVER);
    }
    long now = clock.nanos();
    for (Timer timer : timers) {
      if (timer.takeIfDue(now)) {
        expire(timer);
      }
    }
    synchronized (lock) {
      long nearest = NEVER;
      for (Timer timer : timers) {
        nearest = Math.min(nearest, timer.deadline);
      }
      return plan(nearest);
    }
  }

  private long plan(long wake) {
    synchronized (lock) {
      plannedWake = wake;
      return wake;
    }
  }

  private static void expire(Timer timer) {
    try {
      timer.expiry.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a guest timer's expiry failed", e);
    }
  }

  private void run() {
    while (thread == Thread.currentThread()) {
      long wake = fireDue();
      if (wake == NEVER) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, wake - clock.nanos());
      }
    }
  }

  private void wake() {
    LockSupport.unpark(thread);
  }
}
