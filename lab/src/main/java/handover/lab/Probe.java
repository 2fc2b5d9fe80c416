package handover.lab;

import handover.devices.net.Netdev;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A host on the guest's wire that measures how well the guest can be reached.
 *
 * <p>It finds the guest by ARP and then sends numbered UDP echo requests at a steady rate. What
 * comes back, when, and what does not, tells how long the guest was silent for its peers. Answers
 * arrive on the back end's thread; sending has a thread of its own. A thread cannot sleep for a few
 * microseconds, so at high rates probes that are due go together; those it was more than an
 * interval and {@value #CATCH_UP_NANOS} ns late for are not sent, and {@link
 * ProbeReport#longestSendGap} shows it.
 */
public final class Probe implements AutoCloseable {
  private static final long CATCH_UP_NANOS = 500_000;
  private static final long ASK_EVERY = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LOOK_EVERY = TimeUnit.MICROSECONDS.toNanos(200);

  private final ProbeSettings settings;
  private final EchoLedger ledger;
  private final ProbeHost host;
  private final Thread sender;
  private volatile boolean closed;

  /**
   * Starts probing over {@code wire}, which stays the caller's to close.
   *
   * @param wire a netdev that nobody else is attached to
   */
  public Probe(Netdev wire, ProbeSettings settings) {
    this.settings = settings;
    this.ledger = new EchoLedger(settings.grace().toNanos(), System.nanoTime());
    int run = ThreadLocalRandom.current().nextInt();
    this.host = new ProbeHost(wire, settings, run, System::nanoTime, ledger);
    wire.attach(host);
    this.sender = Thread.ofPlatform().daemon().name("probe").start(this::run);
  }

  /** The guest's MAC address, once it has answered. */
  public Optional<byte[]> guestMac() {
    return host.guestMac();
  }

  /** Waits for the first answered probe; false if there was none in time. */
  public boolean awaitGuest(Duration limit) throws InterruptedException {
    return awaitReceived(1, limit);
  }

  /** Waits until {@code count} probes in all have been answered; false if they were not in time. */
  public boolean awaitReceived(long count, Duration limit) throws InterruptedException {
    return await(() -> ledger.total().received() >= count, limit);
  }

  private static boolean await(BooleanSupplier wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!wanted.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_EVERY);
    }
    return true;
  }

  /**
   * Waits until a probe sent from now on has been answered: what was sent before is answered by
   * then, or lost, however slow the guest is. False if it did not happen in time.
   */
  public boolean awaitOvertaking(Duration limit) throws InterruptedException {
    long sentLater = ledger.next();
    return await(() -> ledger.newestAnswered() >= sentLater, limit);
  }

  /** Begins a window, such as one move. */
  public ProbeWindow mark(String name) {
    EchoLedger.Window window = ledger.open(name, System.nanoTime());
    return new ProbeWindow() {
      @Override
      public ProbeReport report() {
        return window.report(System.nanoTime());
      }

      @Override
      public void close() {
        window.close(System.nanoTime());
      }
    };
  }

  /** What was seen from the first probe on. */
  public ProbeReport report() {
    return ledger.total().report(System.nanoTime());
  }

  /** Stops sending. Answers that come later still count. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(sender);
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed && host.guestMac().isEmpty()) {
      host.ask();
      sleepUntil(System.nanoTime() + ASK_EVERY);
    }
    long interval = TimeUnit.SECONDS.toNanos(1) / settings.perSecond();
    long due = System.nanoTime();
    while (!closed) {
      for (; due - System.nanoTime() <= 0; due += interval) {
        host.tick();
      }
      host.flush();
      due = Math.max(due, System.nanoTime() - Math.max(interval, CATCH_UP_NANOS));
      sleepUntil(due);
    }
  }

  private void sleepUntil(long due) {
    long left;
    while (!closed && (left = due - System.nanoTime()) > 0) {
      LockSupport.parkNanos(this, left);
    }
  }
}
