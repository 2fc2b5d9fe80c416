package handover.machine;

import handover.devices.ConsoleEscapes;
import handover.devices.net.Netdev;
import handover.machine.MachineListener.ShutdownCause;
import handover.memory.HostMapping;
import handover.migration.MigratableMachine;
import handover.migration.MigrationControl;
import handover.migration.MigrationEngine;
import handover.riscv.HartGroup;
import handover.vmstate.StreamException;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A virtual machine: the {@code virt} board with a life cycle. The API to embed one.
 *
 * <p>Every operation may be called from any thread but a hart's; operations are serialised by this
 * object's monitor. What a hart causes is handed to the control thread.
 */
public final class VirtualMachine implements AutoCloseable {
  private static final ConsoleEscapes NO_ESCAPES = () -> {};

  private final MachineSpec spec;
  private final VirtBoard board;
  private final MigratableMachine migratable;
  private final MigrationEngine migration;
  private final List<MachineListener> listeners = new CopyOnWriteArrayList<>();
  private final ExecutorService control =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("machine-control").daemon(true).factory());
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean resetAsked = new AtomicBoolean();
  private volatile boolean poweredOff;
  private volatile RunState runState = RunState.PRELAUNCH;
  private Optional<Instant> stopUntold = Optional.empty();
  private Optional<Instant> startUntold = Optional.empty();
  private volatile RunState beforeSwitchover = RunState.PRELAUNCH;

  private VirtualMachine(MachineSpec spec, VirtBoard board) {
    this.spec = spec;
    this.board = board;
    this.migratable = new BoardMigration(this, board);
    this.migration = new MigrationEngine(migratable, spec.name().orElse("handover"));
    board.onHartEvents(
        () -> {
          poweredOff = true;
          control.execute(() -> end(ShutdownCause.GUEST_SHUTDOWN));
        },
        () -> {
          resetAsked.set(true);
          control.execute(this::resetByGuest);
        },
        () -> control.execute(this::breakDown));
  }

  /**
   * Builds a machine; no guest instruction runs yet.
   *
   * @throws MachineSpecException with every problem found
   */
  public static VirtualMachine create(MachineSpec spec) throws MachineSpecException {
    return create(spec, NO_ESCAPES);
  }

  /**
   * Builds a machine whose console may be {@code mon:stdio}.
   *
   * @param escapes what the console's Ctrl-A commands do
   * @throws MachineSpecException with every problem found
   */
  public static VirtualMachine create(MachineSpec spec, ConsoleEscapes escapes)
      throws MachineSpecException {
    // Translated regions execute nearly all of a guest that boots here, and whoever compiles them
    // needs the processors, and so it is with one from a file. A guest that arrives alive finds few
    // regions translated, and should be interpreted quickly at first.
    if (spec.arrivesAlive() || !spec.acceleration().translate()) {
      HartGroup.rehearseInterpreter();
    }
    return new VirtualMachine(spec, VirtBoard.build(spec, escapes));
  }

  /**
   * Has what every machine needs first made ready in the background, so that a process that starts
   * one can read its options meanwhile.
   */
  public static void prepare() {
    Thread.ofPlatform().daemon().name("prepare").start(HostMapping::prepare);
    Thread.ofPlatform().daemon().name("prepare").start(HartGroup::prepare);
  }

  /** Begins: listens for an incoming guest, waits paused, or boots, as the spec says. */
  public synchronized void start() {
    if (spec.incoming().isPresent()) {
      runState = RunState.INMIGRATE;
      spec.incoming().filter(uri -> !uri.equals("defer")).ifPresent(migration::listen);
      return;
    }
    board.loadImages();
    if (!spec.startPaused()) {
      run();
    }
  }

  /** Begins with a guest that only waits, for rehearsals. */
  synchronized void startIdle() {
    board.loadIdleGuest();
    run();
  }

  /** What the machine is doing. */
  public RunState runState() {
    return runState;
  }

  /** The {@code -name}, if given. */
  public Optional<String> name() {
    return spec.name();
  }

  /** The {@code -uuid}, if given. */
  public Optional<UUID> uuid() {
    return spec.uuid();
  }

  /** What was asked for. */
  public MachineSpec spec() {
    return spec;
  }

  /** Its migrations. */
  public MigrationControl migration() {
    return migration;
  }

  /** What its migrations know of it. */
  MigratableMachine migratable() {
    return migratable;
  }

  /** Its devices, as monitors list them. */
  public List<DeviceNode> devices() {
    return board.deviceNodes();
  }

  /** What can be looked at in it. */
  public MachineView view() {
    return board.view();
  }

  /** Its network back ends. */
  public List<Netdev> netdevs() {
    return board.netdevs();
  }

  /** Guest instructions executed so far, over all harts. */
  public long instructions() {
    return board.instructions();
  }

  /** Adds a listener. */
  public void addListener(MachineListener listener) {
    listeners.add(listener);
  }

  /** Listens for an incoming guest; for a machine started with {@code -incoming defer}. */
  public SocketAddress listen(String uri) {
    if (runState != RunState.INMIGRATE) {
      throw new IllegalStateException(
          "'migrate-incoming' needs a machine started with -incoming; this one is "
              + runState.wireName());
    }
    return migration.listen(uri);
  }

  /** Stops the guest. Does nothing if it does not run. */
  public synchronized void stop() {
    if (runState == RunState.RUNNING) {
      halt();
      runState = RunState.PAUSED;
      tellStopped(Instant.now());
    }
  }

  /**
   * Lets the guest run.
   *
   * @throws IllegalStateException if there is no guest to run yet, or the machine has ended
   */
  public synchronized void cont() {
    switch (runState) {
      case RUNNING -> {}
      case PRELAUNCH, PAUSED, POSTMIGRATE -> run();
      case INMIGRATE ->
          throw new IllegalStateException("no guest has arrived yet; it starts when it has");
      case FINISH_MIGRATE ->
          throw new IllegalStateException("the guest is at switchover; cancel the migration first");
      case SHUTDOWN, INTERNAL_ERROR ->
          throw new IllegalStateException("Resetting the Virtual Machine is required");
    }
  }

  /**
   * Back to power-on, then on as before.
   *
   * @throws IllegalStateException if the guest is not here to be reset: on its way in or out
   */
  public synchronized void reset() {
    switch (runState) {
      case INMIGRATE -> throw new IllegalStateException("no guest has arrived yet to be reset");
      case FINISH_MIGRATE ->
          throw new IllegalStateException(
              "the guest is at switchover; reset it again in a moment, where it runs then");
      default -> reset(false);
    }
  }

  /** Presses the power button; the board has none wired, so only monitors hear of it. */
  public void powerdown() {
    listeners.forEach(MachineListener::powerdownRequested);
  }

  /** Ends the machine. */
  public void quit() {
    end(ShutdownCause.HOST_QMP_QUIT);
  }

  /** Ends the machine because the process was told to. */
  public void quitBySignal() {
    end(ShutdownCause.HOST_SIGNAL);
  }

  @Override
  public void close() {
    quit();
  }

  /** Waits until the machine has ended. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  RunState stateBeforeSwitchover() {
    return beforeSwitchover;
  }

  /**
   * Stops the guest for the switchover.
   *
   * @throws StreamException if there is nothing left to move, because the guest has powered off
   */
  synchronized void stopForMigration() {
    if (runState == RunState.SHUTDOWN) {
      throw poweredOff();
    }
    beforeSwitchover = runState;
    if (runState == RunState.RUNNING) {
      halt();
      stopUntold = Optional.of(Instant.now());
    }
    runState = RunState.FINISH_MIGRATE;
    // What the guest asked for just before must happen on one side; there it would never be heard.
    if (poweredOff) {
      throw poweredOff();
    }
    if (resetAsked.getAndSet(false)) {
      powerOn(true);
    }
  }

  /** Tells listeners of a stop for the switchover, when that costs the guest no time any more. */
  synchronized void tellStopped() {
    stopUntold.ifPresent(this::tellStopped);
    stopUntold = Optional.empty();
  }

  private void tellStopped(Instant when) {
    listeners.forEach(listener -> listener.stopped(when));
  }

  private static StreamException poweredOff() {
    return new StreamException("the guest has powered off; there is nothing to move any more");
  }

  synchronized void resumeAfterFailure() {
    if (runState != RunState.FINISH_MIGRATE) {
      return;
    }
    runState = beforeSwitchover;
    tellStopped();
    if (beforeSwitchover == RunState.RUNNING) {
      run();
    }
  }

  synchronized void handedOver() {
    runState = RunState.POSTMIGRATE;
    tellStopped();
  }

  synchronized long startAfterMigration(boolean wasRunning) {
    board.arrived();
    if (wasRunning && !spec.startPaused()) {
      startUntold = Optional.of(Instant.now());
      runState = RunState.RUNNING;
      return board.resume();
    }
    runState = RunState.PAUSED;
    return System.nanoTime();
  }

  /** Tells listeners that the guest has arrived and runs, when that costs it no time any more. */
  synchronized void tellStarted() {
    startUntold.ifPresent(when -> listeners.forEach(listener -> listener.resumed(when)));
    startUntold = Optional.empty();
  }

  private synchronized void resetByGuest() {
    if (resetAsked.getAndSet(false) && runState != RunState.FINISH_MIGRATE) {
      reset(true);
    }
  }

  private synchronized void reset(boolean byGuest) {
    if (runState == RunState.SHUTDOWN) {
      return;
    }
    boolean wasRunning = runState == RunState.RUNNING;
    if (wasRunning) {
      halt();
    }
    powerOn(byGuest);
    if (wasRunning) {
      board.resume();
    } else if (runState == RunState.INTERNAL_ERROR) {
      runState = RunState.PAUSED;
    }
  }

  /** A hart broke down by our fault: the guest stands still until it is reset. */
  private synchronized void breakDown() {
    if (runState == RunState.RUNNING) {
      halt();
      runState = RunState.INTERNAL_ERROR;
      tellStopped(Instant.now());
    }
  }

  private void powerOn(boolean byGuest) {
    board.reset();
    board.loadImages();
    listeners.forEach(listener -> listener.reset(byGuest));
  }

  private void run() {
    Instant now = Instant.now();
    board.resume();
    runState = RunState.RUNNING;
    listeners.forEach(listener -> listener.resumed(now));
  }

  private void halt() {
    tellStarted();
    board.pause();
  }

  private void end(ShutdownCause cause) {
    synchronized (this) {
      if (runState == RunState.SHUTDOWN) {
        return;
      }
      if (runState == RunState.RUNNING) {
        halt();
      }
      runState = RunState.SHUTDOWN;
    }
    listeners.forEach(listener -> listener.shutDown(cause));
    migration.close();
    board.close();
    control.shutdown();
    ended.countDown();
  }
}
