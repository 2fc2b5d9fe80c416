package handover.devices.virtio;

import handover.devices.virtio.backend.QueuePosition;
import handover.devices.virtio.backend.QueueSetup;
import handover.vmstate.ChangeClass;
import handover.vmstate.Field;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Saved state that every virtio device has; a kind of device adds its own fields in a subclass.
 *
 * <p>{@link #declare} gives the common groups. Only queues that exist are walked.
 */
public abstract class VirtioState {
  /**
   * What is fixed for a device's life.
   *
   * @param hostFeatures every feature offered
   * @param configLength bytes of device-specific configuration space
   * @param queueSizes the size each queue has until the driver chooses, one per queue
   * @param legacy whether the transport speaks only the interface from before virtio 1.0
   * @param pci the PCI function, on that transport
   */
  public record Shape(
      long hostFeatures,
      int configLength,
      List<Integer> queueSizes,
      boolean legacy,
      Optional<PciShape> pci) {
    private static final int MOST_CONFIG = 4096;
    private static final int MOST_QUEUES = 1024;
    private static final int MOST_VECTORS = 2048;

    /** No driver can choose it, so that every queue a driver touched differs from it. */
    private static final int NO_SIZE = 0;

    /** That of a device somewhere else; the sizes its queues had first are in no offer. */
    public static Shape of(OfferedLife life) {
      return new Shape(
          life.bits(OfferedLife.HOST_FEATURES),
          life.count(OfferedLife.CONFIG_LEN, MOST_CONFIG),
          Collections.nCopies(life.count(OfferedLife.VQ_COUNT, MOST_QUEUES), NO_SIZE),
          life.flag(OfferedLife.LEGACY),
          life.pci()
              ? Optional.of(PciShape.of(life.count(OfferedLife.MSIX_VECTORS, MOST_VECTORS)))
              : Optional.empty());
    }
  }

  final Shape shape;
  final byte[] config;
  final QueueState[] queues;
  final Optional<PciState> pci;

  int status;
  boolean broken;
  long guestFeatures;
  int interruptStatus;
  int queueSelect;
  int hostFeaturesSelect;
  int guestFeaturesSelect;
  int guestPageShift;
  long driverFeatures;

  /** A state as after a reset. */
  protected VirtioState(Shape shape) {
    this.shape = shape;
    this.config = new byte[shape.configLength()];
    this.queues = new QueueState[shape.queueSizes().size()];
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new QueueState(shape.queueSizes().get(i));
    }
    this.pci = shape.pci().map(p -> new PciState(p, queues.length));
  }

  /** Features that device and driver agreed on. */
  public final long guestFeatures() {
    return guestFeatures;
  }

  /** Whether a driver is at work that does not know virtio 1.0. */
  final boolean legacyDriver() {
    return (status & DeviceStatus.DRIVER_OK) != 0 && (guestFeatures & Features.VERSION_1) == 0;
  }

  /** Whether rings are packed. */
  final boolean packed() {
    return (guestFeatures & Features.RING_PACKED) != 0;
  }

  /** Features the device offers. */
  public final long hostFeatures() {
    return shape.hostFeatures();
  }

  /** Configuration space as it was at the source; the classic form carries it. */
  public final byte[] config() {
    return config;
  }

  /** Whether a driver uses the device, and broke no rule. */
  public final boolean driverReady() {
    return !broken && (status & DeviceStatus.DRIVER_OK) != 0;
  }

  /** The enabled queues, ascending. */
  public final List<QueueSetup> enabledQueues() {
    List<QueueSetup> enabled = new ArrayList<>();
    for (int i = 0; i < queues.length; i++) {
      QueueLayout at = queues[i].layout;
      if (at.enabled()) {
        enabled.add(new QueueSetup(i, at.size(), at.descriptors(), at.available(), at.used()));
      }
    }
    return enabled;
  }

  /** Where the enabled queues are to be gone on with, ascending. */
  public final List<QueuePosition> queuePositions() {
    List<QueuePosition> positions = new ArrayList<>();
    for (int i = 0; i < queues.length; i++) {
      if (queues[i].layout.enabled()) {
        positions.add(new QueuePosition(i, queues[i].lastAvailable, queues[i].used));
      }
    }
    return positions;
  }

  /** Number of queues. */
  public final int queueCount() {
    return queues.length;
  }

  /** Begins a device's declaration with the groups that all virtio devices share. */
  public static <S extends VirtioState> StateDeclaration.Builder<S> declare(
      String name, int version) {
    StateDeclaration.Builder<S> builder = StateDeclaration.of(name, version);
    declareIdentity(builder);
    declareEpoch(builder);
    declareSelectors(builder);
    PciState.declare(builder);
    builder
        .group("virtio.indices", ChangeClass.HOT)
        .scalar("isr", WireType.U8, s -> s.interruptStatus, (s, v) -> s.interruptStatus = (int) v)
        .structs("vq.last_avail_idx", VirtioState::queueCount, QueueState.AVAILABLE, queue())
        .structs("vq.used_idx", s -> s.packed() ? s.queueCount() : 0, QueueState.USED, queue());
    return builder;
  }

  private static <S extends VirtioState> void declareIdentity(StateDeclaration.Builder<S> builder) {
    builder
        .group("virtio.identity", ChangeClass.LIFE)
        .equal(OfferedLife.HOST_FEATURES, WireType.U64, s -> s.shape.hostFeatures())
        .equal(OfferedLife.CONFIG_LEN, WireType.U32, s -> s.shape.configLength())
        .equal(OfferedLife.LEGACY, WireType.BOOL, s -> s.shape.legacy() ? 1 : 0)
        .equal(OfferedLife.VQ_COUNT, WireType.U16, VirtioState::queueCount);
  }

  private static <S extends VirtioState> void declareEpoch(StateDeclaration.Builder<S> builder) {
    builder
        .group("virtio.negotiated", ChangeClass.EPOCH)
        .scalar("status", WireType.U8, s -> s.status, (s, v) -> s.status = (int) v)
        .scalar("broken", WireType.BOOL, s -> s.broken ? 1 : 0, (s, v) -> s.broken = v != 0)
        .scalar("guest_features", WireType.U64, s -> s.guestFeatures, (s, v) -> s.guestFeatures = v)
        .structs("vq", VirtioState::queueCount, QueueState.LAYOUT, queue());
  }

  private static <S extends VirtioState> Field.Element<S, QueueState> queue() {
    return (s, i) -> s.queues[i];
  }

  private static <S extends VirtioState> void declareSelectors(
      StateDeclaration.Builder<S> builder) {
    builder
        .group("virtio.selectors", ChangeClass.SLOW)
        .scalar("queue_sel", WireType.U16, s -> s.queueSelect, (s, v) -> s.queueSelect = (int) v)
        .scalar(
            "host_features_sel",
            WireType.U32,
            s -> s.hostFeaturesSelect,
            (s, v) -> s.hostFeaturesSelect = (int) v)
        .scalar(
            "guest_features_sel",
            WireType.U32,
            s -> s.guestFeaturesSelect,
            (s, v) -> s.guestFeaturesSelect = (int) v)
        .scalar(
            "guest_page_shift",
            WireType.U32,
            s -> s.guestPageShift,
            (s, v) -> s.guestPageShift = (int) v)
        .scalar(
            "driver_features", WireType.U64, s -> s.driverFeatures, (s, v) -> s.driverFeatures = v);
  }

  /** Refuses what no sequence of register writes could have produced. */
  final void check(String device) {
    pci.ifPresent(p -> p.function.check(device));
    long unknown = guestFeatures & ~shape.hostFeatures();
    if (unknown != 0) {
      throw new StreamException(
          "%s: the driver negotiated features 0x%x, of which 0x%x are not offered here (0x%x); start"
                  .formatted(device, guestFeatures, unknown, shape.hostFeatures())
              + " both sides with the same device properties");
    }
    for (int i = 0; i < queues.length; i++) {
      QueueLayout layout = queues[i].layout;
      if (!QueueLayout.sizeAllowed(layout.size(), packed())) {
        throw new StreamException(
            "%s: queue %d: expected a size up to %d, in split rings a power of two, found %d"
                .formatted(device, i, Vring.MAX_SIZE, layout.size()));
      }
      if (!QueueLayout.alignAllowed(layout.align())) {
        throw new StreamException(
            "%s: queue %d: expected an alignment that is a power of two, found %d"
                .formatted(device, i, layout.align()));
      }
    }
  }
}
