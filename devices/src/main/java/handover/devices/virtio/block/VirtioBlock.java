package handover.devices.virtio.block;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.ChainHandler;
import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.RingProperties;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioIdentity;
import handover.devices.virtio.VirtioState;
import handover.memory.GuestMemory;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The block device (virtio 1.2, 5.2) over a raw file. I/O is done on the device's worker, under its
 * lock; a paused device has no request half done, and so none to migrate.
 */
public final class VirtioBlock extends VirtioDevice<BlockState> {
  /** QEMU's name for the device. */
  public static final String DRIVER = "virtio-blk-device";

  /** Name of the property that says how many queues there are. */
  public static final String NUM_QUEUES = "num-queues";

  private static final int MOST_QUEUES = 64;
  private static final int DEVICE_ID = 2;
  private static final int QUEUE_SIZE = 256;
  static final StateDeclaration<BlockState> DECLARATION = BlockState.declareBlock();
  private static final List<Property> PROPERTIES =
      RingProperties.after(
          List.of(
              new Property("drive", Property.Kind.TEXT, "", false, "The drive's id."),
              new Property(
                  "serial", Property.Kind.TEXT, "", true, "Serial number, at most 20 characters."),
              Property.number(
                  NUM_QUEUES, "1", "Queues, at most 64; on PCI as many as harts if not given."),
              ITERATIVE_MIGRATION));

  private final PropertyValues properties;
  private final RawImage image;
  private final BlockRequest request;
  private final ChainHandler serve = this::serve;
  private boolean writeback = true;

  VirtioBlock(PropertyValues properties, RawImage image, GuestMemory memory) {
    super(
        new VirtioIdentity(
            "virtio-blk",
            DEVICE_ID,
            BlockFeatures.offered(image.readOnly(), properties.number(NUM_QUEUES)),
            BlockConfig.LENGTH,
            Collections.nCopies(properties.number(NUM_QUEUES), QUEUE_SIZE)),
        memory);
    this.properties = properties;
    this.image = image;
    this.request = new BlockRequest(image, properties.text("serial"));
  }

  /** Everything that can be set. */
  public static List<Property> declaredProperties() {
    return PROPERTIES;
  }

  /**
   * Makes a device.
   *
   * @param given properties as typed; the drive is one of them
   * @param drives finds an image by its id
   * @param problems hears of everything wrong; nothing is made then
   */
  public static Optional<VirtioBlock> create(
      Map<String, String> given,
      Function<String, Optional<RawImage>> drives,
      GuestMemory memory,
      Consumer<String> problems) {
    boolean[] fine = {true};
    Consumer<String> noted =
        problem -> {
          fine[0] = false;
          problems.accept(problem);
        };
    PropertyValues values = PropertyValues.bind(DRIVER, PROPERTIES, given, noted);
    if (values.text("serial").length() > 20) {
      noted.accept(DRIVER + ": property 'serial' has at most 20 characters");
    }
    if (values.number(NUM_QUEUES) < 1 || values.number(NUM_QUEUES) > MOST_QUEUES) {
      noted.accept(
          "%s: property '%s' expects 1 to %d, got %s"
              .formatted(DRIVER, NUM_QUEUES, MOST_QUEUES, values.text(NUM_QUEUES)));
    }
    Optional<RawImage> image = drive(values.text("drive"), drives, noted);
    return fine[0] ? image.map(i -> new VirtioBlock(values, i, memory)) : Optional.empty();
  }

  private static Optional<RawImage> drive(
      String id, Function<String, Optional<RawImage>> drives, Consumer<String> problems) {
    if (id.isEmpty()) {
      problems.accept(DRIVER + ": drive= is missing");
      return Optional.empty();
    }
    Optional<RawImage> image = drives.apply(id);
    if (image.isEmpty()) {
      problems.accept("%s: there is no drive with id '%s'".formatted(DRIVER, id));
    }
    return image;
  }

  @Override
  public PropertyValues properties() {
    return properties;
  }

  /** The disk. */
  public RawImage image() {
    return image;
  }

  @Override
  public StateDeclaration<BlockState> declaration() {
    return DECLARATION;
  }

  @Override
  protected void queueNotified(int index) {
    // One at a time: a driver waits for its request, not for those behind it.
    drain(queue(index), 1, serve);
  }

  private int serve(DescriptorChain chain) {
    // A driver that cannot flush expects a write to be safe when it is answered (5.2.6.2).
    boolean writeThrough = !writeback || !negotiated(BlockFeatures.FLUSH);
    return request.serve(chain, guestFeatures(), writeThrough);
  }

  @Override
  protected void fillConfig(ByteBuffer littleEndian) {
    BlockConfig.fill(littleEndian, image.sectors(), QUEUE_SIZE, queueCount(), writeback);
  }

  @Override
  protected void configWritten(int offset, int bytes, long value) {
    if (offset == BlockConfig.WRITEBACK && bytes == 1 && negotiated(BlockFeatures.CONFIG_WCE)) {
      writeback = (value & 1) != 0;
      stateChanged();
    }
  }

  @Override
  protected void deviceReset() {
    writeback = true;
  }

  @Override
  protected BlockState newState(VirtioState.Shape shape) {
    return new BlockState(shape, image.sectors());
  }

  @Override
  protected void saveDevice(BlockState state) {
    state.writeback = writeback;
  }

  @Override
  protected CompletionStage<Void> stageDevice(BlockState early) {
    writeback = early.writeback;
    return CompletableFuture.completedStage(null);
  }

  @Override
  protected void loadDevice(BlockState state) {
    writeback = state.writeback;
  }
}
