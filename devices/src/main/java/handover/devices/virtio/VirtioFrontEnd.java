package handover.devices.virtio;

import handover.devices.InterruptLine;
import handover.devices.Lifecycle;
import handover.devices.virtio.backend.QueuePosition;
import handover.memory.GuestMemory;
import handover.memory.GuestMemoryFault;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The side of a virtio device that its driver sees, whatever type of device it is: status,
 * features, queues, interrupts, and the worker that serves the queues (virtio 1.2, 2 and 3).
 *
 * <p><b>Locking.</b> Each device has one fair lock. It is held by harts in register accesses (save
 * kicks and the interrupt registers), by the worker while it visits a queue, by back ends inside
 * {@link #whileRunning}, and by migration for a snapshot. What the {@link DeviceType} supplies is
 * called with it held unless it says otherwise. Under it only interrupt lines are driven and back
 * ends used; nothing takes another device's lock.
 *
 * <p><b>Quiet.</b> Guest memory is touched only by the worker and inside {@link #whileRunning}, and
 * only while {@link #running}. {@link #pause} takes the lock, so when it returns both are over.
 * {@link #resume} visits every queue, so a kick that came in between is never lost.
 *
 * <p><b>Rules.</b> A {@link VirtioFault} or {@link GuestMemoryFault} in any hook puts the device
 * into NEEDS_RESET: it does nothing more until the driver resets it. The VM lives on.
 */
abstract class VirtioFrontEnd extends DeviceType implements Lifecycle, AutoCloseable {
  private static final int LOUD_FAULTS = 16;

  private final System.Logger log = System.getLogger(getClass().getName());
  private final ReentrantLock lock = new ReentrantLock(true);
  private final InterruptStatus interrupts = new InterruptStatus();
  private final VirtioIdentity identity;
  private final GuestMemory memory;
  private final VringSet queues;
  private final DeviceWorker worker;
  private final ConfigSpace config;

  private VirtioTransport transport = DetachedTransport.INSTANCE;
  private int status;
  private boolean broken;
  private volatile long guestFeatures;
  private int faults;
  private volatile boolean paused;
  private final AtomicLong generation = new AtomicLong();
  private final AtomicLong epoch = new AtomicLong();

  VirtioFrontEnd(VirtioIdentity identity, GuestMemory memory) {
    this.identity = identity;
    this.memory = memory;
    this.queues = new VringSet(identity.queueSizes(), memory, this::published);
    this.worker = new DeviceWorker(identity.name(), queues.count(), this::visit, this::expired);
    this.config = new ConfigSpace(identity.configLength(), this::fillConfig);
  }

  // ---- What a type of device may use.

  /** Where rings and buffers are. */
  protected final GuestMemory memory() {
    return memory;
  }

  /** A queue of this device. */
  protected final Virtqueue queue(int index) {
    return queues.at(index);
  }

  /** Entries a queue has until its driver chooses, and the most that it is offered. */
  final int queueRoom(int index) {
    return queues.room(index);
  }

  /** Number of queues. */
  public final int queueCount() {
    return queues.count();
  }

  /** Features that device and driver agreed on. */
  protected final long guestFeatures() {
    return guestFeatures;
  }

  /** Whether all bits of {@code feature} were negotiated. */
  protected final boolean negotiated(long feature) {
    return (guestFeatures & feature) == feature;
  }

  /** Whether guest memory and queues may be used now. Asked under the lock. */
  protected final boolean running() {
    return !paused && driverReady() && transport.reachesMemory();
  }

  /** Whether the driver is ready and broke no rule, paused or not. Asked under the lock. */
  protected final boolean driverReady() {
    return !broken && (status & DeviceStatus.DRIVER_OK) != 0;
  }

  /** Runs {@code work} under the device's lock. */
  protected final void withLock(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs {@code work}, which may use queues and guest memory, under the lock if the device is
   * running; what the driver did wrong ends in NEEDS_RESET.
   *
   * @return false if the device is not running, so that {@code work} was not called
   */
  protected final boolean whileRunning(Runnable work) {
    lock.lock();
    try {
      if (!running()) {
        return false;
      }
      work.run();
      return true;
    } catch (RuntimeException e) {
      stopped(e);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Like {@link #whileRunning}, but never waits: for back ends whose thread may hold the lock of
   * another device, where waiting could be for each other.
   *
   * @return false if the device is not running or somebody is using it
   */
  protected final boolean tryWhileRunning(Runnable work) {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      return whileRunning(work);
    } finally {
      lock.unlock();
    }
  }

  /** Serves the chains that are available in {@code queue} now, at most a ring full. */
  protected final void drain(Virtqueue queue, ChainHandler handler) {
    drain(queue, queue.size(), handler);
  }

  /**
   * Serves at most {@code most} available chains of {@code queue} and publishes them. More work
   * than that is another visit, so that others get the lock in between; without more, asks for
   * kicks.
   */
  protected final void drain(Virtqueue queue, int most, ChainHandler handler) {
    queue.disableKicks();
    DescriptorChain chain = null;
    for (int left = most; left > 0 && (chain = queue.pop()) != null; left--) {
      queue.push(chain, handler.handle(chain));
    }
    queue.publish();
    if (chain != null || queue.enableKicks()) {
      kick(queue.index());
    }
  }

  /** Has {@link #expire} called at a time of {@link System#nanoTime}, or soon after. */
  protected final void wakeAt(long nanos) {
    worker.wakeAt(nanos);
  }

  /** Interrupts the driver on behalf of a queue. */
  protected final void raiseQueueInterrupt(int queue) {
    interrupts.raise(InterruptStatus.QUEUE);
    transport.signalQueue(queue);
  }

  /**
   * Takes over where somebody else left a queue that nobody works now. Positions that cannot be are
   * an answer like none: the queue goes on behind the last buffer the driver got back.
   */
  protected final void takeOver(QueuePosition at) {
    Vring queue = queues.at(at.index());
    try {
      queue.resumeAt(at.lastAvailable(), at.used());
      if (queue.outstanding() != 0) {
        throw new VirtioFault(queue.outstanding() + " buffers were not given back");
      }
    } catch (VirtioFault e) {
      log.log(
          Level.WARNING,
          "{0}: queue {1} was left at 0x{2}, which cannot be: {3}",
          identity.name(),
          at.index(),
          Integer.toHexString(at.lastAvailable()),
          e.getMessage());
      recover(at.index());
    }
  }

  /** Has a queue go on behind the last buffer the driver got back, if that can be known. */
  protected final void recover(int queue) {
    try {
      if (queues.at(queue).ready()) {
        queues.at(queue).recover();
      }
    } catch (VirtioFault e) {
      needsReset(e.getMessage());
    }
  }

  /** Something outside the HOT groups changed, so that migration should look again. */
  protected final void stateChanged() {
    generation.incrementAndGet();
  }

  /** Configuration space changed: tells the driver, and migration. */
  protected final void configChanged() {
    config.changed();
    stateChanged();
    if ((status & DeviceStatus.DRIVER_OK) != 0) {
      raiseConfigInterrupt();
    }
  }

  private void raiseConfigInterrupt() {
    interrupts.raise(InterruptStatus.CONFIG);
    transport.signalConfig();
  }

  /** Stops the device until the driver resets it, because the driver broke a rule. */
  protected final void needsReset(String reason) {
    if (broken) {
      return;
    }
    broken = true;
    stateChanged();
    faults++;
    log.log(
        faults <= LOUD_FAULTS ? Level.WARNING : Level.DEBUG,
        "{0} stops until the guest resets it: {1}",
        identity.name(),
        reason);
    if (transport.legacyDriver()) {
      return;
    }
    status |= DeviceStatus.NEEDS_RESET;
    if ((status & DeviceStatus.DRIVER_OK) != 0) {
      raiseConfigInterrupt();
    }
  }

  // ---- What the outside sees.

  /** What the device is. */
  public final VirtioIdentity identity() {
    return identity;
  }

  /** Has the worker visit {@code queue} soon. Any thread, never blocks; out of range is ignored. */
  public final void kick(int queue) {
    if (!kickedElsewhere(queue)) {
      worker.kick(queue);
    }
  }

  /**
   * Has the worker visit every queue soon: what it may do changed. Any thread. A device that is
   * paused does nothing before {@link #resume}, which has every queue visited.
   */
  protected final void kickAll() {
    if (!paused) {
      worker.kickAll();
    }
  }

  /** Every feature offered through the transport the device is on. */
  public final long hostFeatures() {
    return offerable(
        transport.legacy()
            ? identity.features() | ringFeatures() & ~RingProperties.MODERN | Features.ANY_LAYOUT
            : identity.features()
                | ringFeatures()
                | Features.VERSION_1
                | (transport.transitional() ? Features.ANY_LAYOUT : 0));
  }

  /** What of it a modern driver sees. */
  final long modernFeatures() {
    return hostFeatures() & ~Features.ANY_LAYOUT;
  }

  /** Changes with every change outside the HOT groups. */
  public final long generation() {
    return generation.get();
  }

  /** Changes with every reset. */
  public final long epoch() {
    return epoch.get();
  }

  @Override
  public final void reset() {
    withLock(this::powerOn);
  }

  @Override
  public final void pause() {
    withLock(this::hold);
    quiet();
  }

  @Override
  public final void resume() {
    withLock(
        () -> {
          paused = false;
          resumed();
          interrupts.drive();
          transport.hold(false);
          startWork();
        });
  }

  /** Ends the worker. The device does nothing any more. */
  @Override
  public void close() {
    worker.close();
    pause();
  }

  // ---- What migration uses, under the lock.

  /** Stays quiet until {@link #resume}. */
  final void hold() {
    quiesce();
    paused = true;
    transport.hold(true);
  }

  /** Back to power-on state, the transport too. */
  final void powerOn() {
    transport.reset();
    resetLocked();
  }

  /** Puts everything the driver sees into {@code state}. */
  final void capture(VirtioState state) {
    state.status = status;
    state.broken = broken;
    state.guestFeatures = guestFeatures;
    state.interruptStatus = interrupts.value();
    queues.capture(state.queues);
    config.read().get(0, state.config);
    transport.save(state);
  }

  /** Takes over everything outside the HOT groups. Touches no guest memory. */
  final void adopt(VirtioState state) {
    transport.load(state);
    status = state.status;
    broken = state.broken;
    guestFeatures = state.guestFeatures;
    queues.adopt(state.queues, guestFeatures);
    stateChanged();
    if ((status & DeviceStatus.DRIVER_OK) != 0) {
      worker.start(); // It has nothing to do yet, but making a thread takes its time.
    }
  }

  /**
   * Takes over the HOT groups, now that guest memory is here.
   *
   * @throws VirtioFault if indices do not fit the rings
   */
  final void continueAt(VirtioState state) {
    interrupts.replace(state.interruptStatus);
    transport.loadHot(state);
    queues.continueAt(state.queues, driverReady());
  }

  // ---- What a transport uses; the lock is taken here unless said otherwise.

  /** Puts the device on a transport, once, before the machine runs. */
  final void attach(VirtioTransport to, InterruptLine line) {
    transport = to;
    interrupts.connect(line);
  }

  final void lock() {
    lock.lock();
  }

  final void unlock() {
    lock.unlock();
  }

  /** A hook or register access failed: the driver's fault, or a bug that must not end a thread. */
  final void stopped(Throwable cause) {
    if (cause instanceof VirtioFault || cause instanceof GuestMemoryFault) {
      needsReset(cause.getMessage());
    } else {
      log.log(Level.ERROR, identity.name() + ": internal error", cause);
      needsReset("internal error: " + cause);
    }
  }

  final VirtioTransport transport() {
    return transport;
  }

  final InterruptStatus interrupts() {
    return interrupts;
  }

  final VringSet queues() {
    return queues;
  }

  final int status() {
    return status;
  }

  /** What a driver has made of the device. */
  public final DriverProgress driver() {
    lock();
    try {
      return new DriverProgress(status, guestFeatures);
    } finally {
      unlock();
    }
  }

  final int configGeneration() {
    return config.generation();
  }

  /** Reads configuration space; 0 behind its end. */
  final long loadConfig(int offset, int bytes) {
    return config.load(offset, bytes);
  }

  final void storeConfig(int offset, int bytes, long value) {
    if (config.holds(offset, bytes)) {
      configWritten(offset, bytes, value);
    }
  }

  /** The driver wrote the status register. */
  final void writeStatus(int wanted, long driverFeatures) {
    stateChanged();
    if (wanted == 0) {
      resetLocked();
      return;
    }
    int next = wanted & 0xff | status & DeviceStatus.NEEDS_RESET;
    if ((next & ~status & DeviceStatus.FEATURES_OK) != 0 && !acceptFeatures(driverFeatures)) {
      next &= ~DeviceStatus.FEATURES_OK;
    }
    boolean starts = (next & ~status & DeviceStatus.DRIVER_OK) != 0;
    status = next;
    if (starts) {
      start();
    }
  }

  /** A legacy driver wrote its features, which take effect at once. */
  final void writeLegacyFeatures(long driverFeatures) {
    if ((status & DeviceStatus.DRIVER_OK) == 0) {
      takeFeatures(driverFeatures & hostFeatures());
    }
  }

  /** Changes a queue's layout, unless the queue is in use. */
  final void configureQueue(int queue, QueueLayout layout) {
    stateChanged();
    queues.configure(queue, layout);
    if (layout.enabled()) {
      kick(queue);
    }
  }

  /** The driver reset one queue (virtio 1.2, 2.6.1), if it may. */
  final void resetQueue(int queue) {
    if (!negotiated(Features.RING_RESET)) {
      return;
    }
    epoch.incrementAndGet();
    stateChanged();
    queues.reset(queue);
    queueReset(queue);
  }

  private boolean acceptFeatures(long driverFeatures) {
    long offered = transport.legacy() ? hostFeatures() : modernFeatures();
    boolean modern = (driverFeatures & Features.VERSION_1) != 0 || transport.legacy();
    if (!modern || (driverFeatures & ~offered) != 0) {
      return false;
    }
    takeFeatures(driverFeatures);
    return true;
  }

  private void takeFeatures(long features) {
    stateChanged();
    guestFeatures = features;
    queues.negotiated(features);
    featuresNegotiated(features);
  }

  private void start() {
    if (!transport.legacyDriver() && (status & DeviceStatus.FEATURES_OK) == 0) {
      throw new VirtioFault("DRIVER_OK without FEATURES_OK");
    }
    driverOk();
    startWork();
  }

  private void startWork() {
    if ((status & DeviceStatus.DRIVER_OK) != 0) {
      worker.start();
      worker.kickAll();
    }
  }

  private void resetLocked() {
    epoch.incrementAndGet();
    stateChanged();
    status = 0;
    broken = false;
    guestFeatures = 0;
    interrupts.replace(0);
    transport.deviceReset();
    queues.reset();
    deviceReset();
  }

  private void visit(int queue) {
    lock.lock();
    try {
      if (running() && queues.at(queue).ready()) {
        queueNotified(queue);
      }
    } catch (RuntimeException | Error e) {
      stopped(e);
    } finally {
      lock.unlock();
    }
  }

  private void published(int queue, int chains, boolean wanted) {
    if (!defersInterrupt(queue, chains, wanted) && wanted) {
      raiseQueueInterrupt(queue);
    }
  }

  private void expired() {
    withLock(
        () -> {
          worker.wakeAt(DeviceWorker.NEVER);
          worker.wakeAt(expire(System.nanoTime()));
        });
  }
}
