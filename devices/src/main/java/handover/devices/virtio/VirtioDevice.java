package handover.devices.virtio;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.memory.GuestMemory;
import handover.vmstate.IterativeMigration;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A virtio device: what its driver sees ({@link VirtioFrontEnd}, which also says how devices are
 * locked, paused and stopped) and its way to the migration stream.
 *
 * <p>Early state is adopted at once, since adopting touches no guest memory; the device stays quiet
 * from the first {@link #stage} or from {@link #commit} until {@link #resume}.
 *
 * @param <S> the saved type
 */
public abstract class VirtioDevice<S extends VirtioState> extends VirtioFrontEnd
    implements Migratable<S> {
  /** What every virtio device lets its user choose about its migration. */
  public static final Property ITERATIVE_MIGRATION =
      new Property(
          "iterative-mig",
          Property.Kind.ON_OFF_AUTO,
          "auto",
          false,
          "Migrate the state iteratively, while the guest runs.");

  /**
   * A device that is not on a transport yet.
   *
   * @param identity what it is and offers
   * @param memory where its rings and buffers are
   */
  protected VirtioDevice(VirtioIdentity identity, GuestMemory memory) {
    super(identity, memory);
  }

  /** A blank saved state of this shape. */
  protected abstract S newState(VirtioState.Shape shape);

  /** Puts the device's own state into {@code state}. */
  protected abstract void saveDevice(S state);

  /**
   * Takes the device's own state, all of it, at commit. Rings and features are in place.
   *
   * @throws StreamException if it cannot be
   */
  protected abstract void loadDevice(S state);

  /** Prepares for an early state; see {@link Migratable#stage}. Features are in place. */
  protected CompletionStage<Void> stageDevice(S early) {
    return CompletableFuture.completedStage(null);
  }

  /** Forgets what {@link #stageDevice} prepared; the device was just reset. */
  protected void abortDevice() {}

  /**
   * The values of the device's properties in force, {@link #ITERATIVE_MIGRATION} and {@link
   * RingProperties} among them.
   */
  public abstract PropertyValues properties();

  @Override
  final long ringFeatures() {
    return RingProperties.features(properties());
  }

  @Override
  public final String sectionName() {
    return transport().path() + "/" + identity().name();
  }

  @Override
  public final IterativeMigration iterativeMigration() {
    return IterativeMigration.named(properties().text(ITERATIVE_MIGRATION.name())).orElseThrow();
  }

  /**
   * QEMU allowed more entries than it offered until 11.1, which does not even load them. Guests
   * that it told of 1024 entries for every queue, as it did on virtio-mmio, use as many.
   */
  @Override
  public final Optional<String> obstacle(QemuRelease release) {
    if (!release.isSince(QemuRelease.QEMU_11_1)) {
      return Optional.empty();
    }
    for (Vring queue : queues().all()) {
      int entries = queue.layout().size();
      int room = queueRoom(queue.index());
      if (entries > room) {
        return Optional.of(
            "%s: queue %d: the guest uses %d entries, %s allows %d; give the device larger queues there and here, or boot the guest anew"
                .formatted(sectionName(), queue.index(), entries, release.wireName(), room));
      }
    }
    return Optional.empty();
  }

  @Override
  public final S blank() {
    return newState(
        new VirtioState.Shape(
            hostFeatures(),
            identity().configLength(),
            identity().queueSizes(),
            transport().legacy(),
            transport().pci()));
  }

  @Override
  public final S snapshot() {
    S state = blank();
    withLock(
        () -> {
          capture(state);
          saveDevice(state);
        });
    return state;
  }

  @Override
  public final CompletionStage<Void> stage(S early) {
    early.check(sectionName());
    lock();
    try {
      hold();
      adopt(early);
      return stageDevice(early);
    } finally {
      unlock();
    }
  }

  @Override
  public final void abort() {
    withLock(
        () -> {
          powerOn();
          abortDevice();
        });
  }

  @Override
  public final void commit(S state) {
    state.check(sectionName());
    withLock(
        () -> {
          hold();
          try {
            adopt(state);
            continueAt(state);
            requireNothingInFlight();
            loadDevice(state);
          } catch (StreamException e) {
            powerOn();
            throw e;
          } catch (VirtioFault e) {
            powerOn();
            throw new StreamException(sectionName() + ": " + e.getMessage(), e);
          }
        });
  }

  private void requireNothingInFlight() {
    for (Vring queue : queues().all()) {
      if (queue.outstanding() != 0) {
        throw new StreamException(
            "%s: queue %d: %d requests were in flight at the source, which are not migrated; let it"
                    .formatted(sectionName(), queue.index(), queue.outstanding())
                + " finish them before it stops");
      }
    }
  }
}
