package handover.devices.virtio.backend;

import handover.devices.virtio.backend.BackEndWish.Target;
import handover.devices.virtio.backend.BudgetMeter.Occasion;
import handover.vmstate.BackEndBudget;
import handover.vmstate.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Brings a back end to what is wanted of it, on a thread of its own, and knows what it was last
 * brought to: only the difference is ever applied. What a guest stands still for, a commit or to be
 * suspended, is applied on the thread that asks for it unless the other is at work: two threads
 * that wake each other take longer than what is to be done.
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

  private final String name;
  private final BackEndDevice device;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  /** Something is to be done that nobody does yet. */
  private final Condition work = lock.newCondition();

  /** It serves no more. */
  private final Condition idle = lock.newCondition();

  private final BudgetMeter meter = new BudgetMeter();
  private final AppliedSetup applied = new AppliedSetup();
  private final Thread thread;

  private BackEndWish wish = BackEndWish.NONE;
  private List<CompletableFuture<Void>> waiting = new ArrayList<>();
  private boolean settled = true;
  private boolean working;
  private long starts;
  private long loadedStart;
  private boolean forgotten;
  private boolean enabling;
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
    want(Target.ready(configuration), Occasion.EARLY, done);
    return done;
  }

  /** Prepares and then serves; at a boot, where nobody waits for it. */
  public void start(NetConfiguration configuration, List<QueuePosition> positions) {
    want(
        new Target(configuration, Optional.of(positions), nextStart(), true),
        Occasion.EARLY,
        new CompletableFuture<>());
  }

  /** The driver changed something while the device is in use. */
  public void update(NetConfiguration configuration) {
    lock.lock();
    try {
      wish.target()
          .map(t -> new Target(configuration, t.positions(), t.start(), t.serve()))
          .ifPresent(t -> want(t, Occasion.EARLY, new CompletableFuture<>()));
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
    commit(new Target(configuration, Optional.of(positions), nextStart(), true));
  }

  /**
   * Like {@link #commit}, but stops short of serving: for a back end that would work the rings at
   * once, while the guest may still have to go on elsewhere. {@link #resume} does the rest.
   *
   * @throws StreamException if the back end refuses
   */
  public void load(NetConfiguration configuration, List<QueuePosition> positions) {
    commit(new Target(configuration, Optional.of(positions), nextStart(), false));
  }

  private void commit(Target target) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    wantHere(target, Occasion.COMMIT, done);
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

  /**
   * The guest runs, for the first time here or again: serves, after {@link #load} from the
   * positions given there. Waits only if that is all that is left.
   */
  public void resume(NetConfiguration configuration, List<QueuePosition> positions) {
    Optional<Target> loaded = wished().filter(t -> t.positions().isPresent() && !t.serve());
    long start = loaded.map(Target::start).orElseGet(this::nextStart);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Target target = new Target(configuration, Optional.of(positions), start, true);
    if (loaded.isPresent()) {
      wantHere(target, Occasion.AFTER_COMMIT, done);
      awaitEither(done);
    } else {
      want(target, Occasion.EARLY, done);
    }
  }

  /** Stops serving if it serves or is about to; all that was set up stays. Waits. */
  public void suspend() {
    Optional<Target> served = wished().filter(Target::serve);
    if (served.isPresent()) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      wantHere(Target.ready(served.get().configuration()), Occasion.EARLY, done);
      awaitEither(done);
    }
  }

  /** The device is gone: what was applied is void, and another one will be set up from nothing. */
  public void forget() {
    lock.lock();
    try {
      forgotten = true;
      serving = false;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Optional<Target> wished() {
    lock.lock();
    try {
      return wish.target();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for an end, good or bad; what was bad is in the log. */
  private static void awaitEither(CompletableFuture<Void> done) {
    done.handle((nothing, failure) -> failure == null).join();
  }

  /** Nothing is wanted any more. When it returns, the rings are not served; memory stays pinned. */
  public void reset() {
    lock.lock();
    try {
      replaceWish(Optional.empty());
      cancelWaiting();
      work.signal();
      while ((serving || enabling) && !closed) {
        idle.awaitUninterruptibly();
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
      idle.signalAll();
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

  private void want(Target target, Occasion occasion, CompletableFuture<Void> done) {
    lock.lock();
    try {
      accept(target, occasion, done);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The same, and does it on this thread unless the other is at work, which is not woken for it.
   */
  private void wantHere(Target target, Occasion occasion, CompletableFuture<Void> done) {
    Optional<BackEndWish> ours;
    lock.lock();
    try {
      accept(target, occasion, done);
      ours = working || closed ? Optional.empty() : Optional.of(wish);
      working |= ours.isPresent();
    } finally {
      lock.unlock();
    }
    if (ours.isPresent()) {
      bringHere(ours.get());
    }
  }

  private void accept(Target target, Occasion occasion, CompletableFuture<Void> done) {
    if (closed) {
      done.cancel(false);
      return;
    }
    meter.begin(occasion, nanoTime);
    replaceWish(Optional.of(target));
    waiting.add(done);
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  private void bringHere(BackEndWish wanted) {
    try {
      bringTo(wanted);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      applied.uncertain();
      settle(wanted, Optional.of(new StreamException("interrupted", e)));
    } finally {
      rest();
    }
  }

  private void replaceWish(Optional<Target> target) {
    wish = wish.next(target);
    settled = false;
  }

  private void run() {
    try {
      while (true) {
        bringTo(next());
        rest();
      }
    } catch (InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: the data plane is closed", name);
    }
  }

  private BackEndWish next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (settled || working) {
        work.await();
      }
      working = true;
      return wish;
    } finally {
      lock.unlock();
    }
  }

  /** Whoever was at work has done what it could; the thread does the rest, if there is any. */
  private void rest() {
    lock.lock();
    try {
      working = false;
      if (!settled) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void bringTo(BackEndWish wanted) throws InterruptedException {
    try {
      forgetIfTold();
      for (BackEndStep step : plan(wanted)) {
        if (!stillWanted(wanted, step)) {
          return;
        }
        perform(step, wanted);
      }
      settle(wanted, Optional.empty());
    } catch (RuntimeException e) {
      applied.uncertain();
      settle(wanted, Optional.of(e));
    }
  }

  private void forgetIfTold() {
    lock.lock();
    try {
      if (forgotten) {
        applied.forget();
        forgotten = false;
      }
    } finally {
      lock.unlock();
    }
  }

  private List<BackEndStep> plan(BackEndWish wanted) {
    if (wanted.target().isEmpty()) {
      return applied.up() ? List.of(new BackEndStep.Reset()) : List.of();
    }
    Target t = wanted.target().get();
    boolean goOn = t.positions().isPresent() && t.start() == loadedStart;
    return BackEndPlan.between(applied, t.configuration(), goOn, t.positions(), t.serve());
  }

  private void perform(BackEndStep step, BackEndWish wanted) throws InterruptedException {
    long from = nanoTime.getAsLong();
    device.perform(step);
    long to = nanoTime.getAsLong();
    applied.done(step);
    if (step instanceof BackEndStep.LoadState) {
      wanted.target().ifPresent(t -> loadedStart = t.start());
    }
    lock.lock();
    try {
      meter.add(step, from, to);
      if (serving && !applied.serving()) {
        serving = false;
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean stillWanted(BackEndWish wanted, BackEndStep step) {
    lock.lock();
    try {
      boolean still = wish.number() == wanted.number() && !forgotten;
      enabling = still && step instanceof BackEndStep.Enable;
      return still;
    } finally {
      lock.unlock();
    }
  }

  private void settle(BackEndWish reached, Optional<RuntimeException> failure) {
    boolean begins;
    List<CompletableFuture<Void>> over;
    lock.lock();
    try {
      boolean serves = applied.serving() && !closed && !forgotten;
      begins = serves && !serving;
      serving = serves;
      enabling = false;
      idle.signalAll();
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
