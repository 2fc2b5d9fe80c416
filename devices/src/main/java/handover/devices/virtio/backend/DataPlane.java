package handover.devices.virtio.backend;

import handover.vmstate.BackEndBudget;
import handover.vmstate.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Brings a back end to what is wanted of it, on a thread of its own, and knows what it was last
 * brought to: only the difference is ever applied.
 *
 * <p>At a migration's destination: any number of {@link #stage}, then {@link #commit}; or {@link
 * #reset}, which is also how a migration that failed is undone. At a boot: {@link #start} and
 * {@link #update}. A newer wish replaces an older one at the next step; nothing applied so far is
 * lost.
 *
 * <p>May be called under the device's lock: it takes no other, and only {@link #commit}, and {@link
 * #reset} of a data plane that serves, wait for the thread.
 */
public final class DataPlane implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(DataPlane.class.getName());

  /** What is wanted; without positions, to be ready and not to serve. */
  private record Target(
      NetConfiguration configuration, Optional<List<QueuePosition>> positions, long start) {}

  /** The number-th wish; without a target, to be reset. */
  private record Wish(long number, Optional<Target> target) {}

  private final String name;
  private final BackEndDevice device;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final BudgetMeter meter = new BudgetMeter();
  private final AppliedSetup applied = new AppliedSetup();
  private final Thread thread;

  private Wish wish = new Wish(0, Optional.empty());
  private List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private boolean settled = true;
  private long starts;
  private long servingStart;
  private OptionalLong commitAt = OptionalLong.empty();
  private boolean committed;
  private boolean closed;
  private volatile boolean serving;
  private volatile Runnable onServing = () -> {};

  /**
   * A data plane that nothing is wanted of yet.
   *
   * @param name for messages and the thread
   * @param nanoTime the clock that budgets are measured with
   */
  public DataPlane(String name, BackEndDevice device, LongSupplier nanoTime) {
    this.name = name;
    this.device = device;
    this.nanoTime = nanoTime;
    this.thread = Thread.ofPlatform().daemon().name("data plane " + name).unstarted(this::run);
  }

  /** Who hears, on the data plane's thread, that it serves from now on. */
  public void onServing(Runnable listener) {
    onServing = listener;
  }

  /** Whether the rings are being served. */
  public boolean serving() {
    return serving;
  }

  /**
   * Prepares for {@code configuration}, but does not serve. The result completes when this, or
   * something wanted later, has been applied.
   */
  public CompletionStage<Void> stage(NetConfiguration configuration) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    want(new Target(configuration, Optional.empty(), 0), false, done);
    return done;
  }

  /** Prepares and then serves; at a boot, where nobody waits for it. */
  public void start(NetConfiguration configuration, List<QueuePosition> positions) {
    want(
        new Target(configuration, Optional.of(positions), nextStart()),
        false,
        new CompletableFuture<>());
  }

  /** The driver changed something while the device is in use. */
  public void update(NetConfiguration configuration) {
    lock.lock();
    try {
      wish.target()
          .map(t -> new Target(configuration, t.positions(), t.start()))
          .ifPresent(t -> want(t, false, new CompletableFuture<>()));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Applies what changed since, and serves from these positions on. The guest stands still: returns
   * as soon as it is done.
   *
   * @throws StreamException if the back end refuses
   */
  public void commit(NetConfiguration configuration, List<QueuePosition> positions) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    want(new Target(configuration, Optional.of(positions), nextStart()), true, done);
    try {
      done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StreamException cause
          ? new StreamException(cause.getMessage(), e)
          : e;
    } catch (CancellationException e) {
      throw new StreamException(name + ": the data plane was closed", e);
    }
  }

  /** Nothing is wanted any more. When it returns, the rings are not served; memory stays pinned. */
  public void reset() {
    lock.lock();
    try {
      replaceWish(Optional.empty());
      cancelWaiting();
      news.signalAll();
      while (serving && !closed) {
        news.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What setting up has cost since the first wish after the last commit, or in all. */
  public BackEndBudget budget() {
    lock.lock();
    try {
      return meter.budget();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      serving = false;
      cancelWaiting();
      news.signalAll();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
  }

  /** Tells one start from another, so that a device is never left serving from old positions. */
  private long nextStart() {
    lock.lock();
    try {
      return ++starts;
    } finally {
      lock.unlock();
    }
  }

  private void want(Target target, boolean commit, CompletableFuture<Void> done) {
    lock.lock();
    try {
      if (closed) {
        done.cancel(false);
        return;
      }
      beginBudget(commit);
      replaceWish(Optional.of(target));
      waiting.add(done);
      if (thread.getState() == Thread.State.NEW) {
        thread.start();
      }
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void replaceWish(Optional<Target> target) {
    wish = new Wish(wish.number() + 1, target);
    settled = false;
  }

  /** What follows a commit belongs to the next migration. */
  private void beginBudget(boolean commit) {
    if (committed) {
      meter.clear();
      commitAt = OptionalLong.empty();
    }
    committed = commit;
    if (commit) {
      commitAt = OptionalLong.of(nanoTime.getAsLong());
    }
  }

  private void run() {
    try {
      while (true) {
        bringTo(next());
      }
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: the data plane is closed", name);
    }
  }

  private Wish next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (settled) {
        news.await();
      }
      return wish;
    } finally {
      lock.unlock();
    }
  }

  private void bringTo(Wish wanted) throws InterruptedException {
    try {
      for (BackEndStep step : plan(wanted)) {
        if (!stillWanted(wanted)) {
          return;
        }
        perform(step);
      }
      settle(wanted, Optional.empty());
    } catch (RuntimeException e) {
      applied.uncertain();
      settle(wanted, Optional.of(e));
    }
  }

  private List<BackEndStep> plan(Wish wanted) {
    if (wanted.target().isEmpty()) {
      return applied.up() ? List.of(new BackEndStep.Reset()) : List.of();
    }
    Target t = wanted.target().get();
    boolean goOn = t.positions().isPresent() && t.start() == servingStart;
    return BackEndPlan.between(applied, t.configuration(), goOn, t.positions());
  }

  private void perform(BackEndStep step) throws InterruptedException {
    long from = nanoTime.getAsLong();
    device.perform(step);
    long to = nanoTime.getAsLong();
    applied.done(step);
    lock.lock();
    try {
      meter.add(step, from, to, commitAt);
      if (!applied.serving()) {
        serving = false;
        news.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean stillWanted(Wish wanted) {
    lock.lock();
    try {
      return wish.number() == wanted.number();
    } finally {
      lock.unlock();
    }
  }

  private void settle(Wish reached, Optional<RuntimeException> failure) {
    boolean begins;
    List<CompletableFuture<Void>> over;
    lock.lock();
    try {
      begins = applied.serving() && !serving;
      serving = applied.serving() && !closed;
      reached.target().filter(t -> serving).ifPresent(t -> servingStart = t.start());
      news.signalAll();
      over = List.of();
      if (wish.number() == reached.number()) {
        settled = true;
        over = waiting;
        waiting = new ArrayList<>();
      }
    } finally {
      lock.unlock();
    }
    complete(over, failure);
    if (begins) {
      onServing.run();
    }
  }

  private void complete(List<CompletableFuture<Void>> over, Optional<RuntimeException> failure) {
    if (failure.isEmpty()) {
      over.forEach(f -> f.complete(null));
      return;
    }
    RuntimeException e = failure.get();
    LOG.log(System.Logger.Level.WARNING, name + ": the back end failed: " + e.getMessage());
    StreamException words = new StreamException("%s: %s".formatted(name, e.getMessage()), e);
    over.forEach(f -> f.completeExceptionally(words));
  }

  private void cancelWaiting() {
    waiting.forEach(f -> f.cancel(false));
    waiting = new ArrayList<>();
  }
}
