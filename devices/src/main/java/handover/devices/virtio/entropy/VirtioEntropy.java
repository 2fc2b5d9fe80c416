package handover.devices.virtio.entropy;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.ChainHandler;
import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.RingProperties;
import handover.devices.virtio.VirtioClassicCodec;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioIdentity;
import handover.devices.virtio.VirtioState;
import handover.memory.GuestMemory;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** The entropy device (virtio 1.2, 5.4): fills what the driver offers with random bytes. */
public final class VirtioEntropy extends VirtioDevice<VirtioEntropy.State> {
  /** QEMU's name for the device. */
  public static final String DRIVER = "virtio-rng-device";

  private static final int DEVICE_ID = 4;
  private static final int QUEUE_SIZE = 8;

  /** One chain is filled with at most this much; drivers ask again. */
  private static final int MOST_AT_ONCE = 4096;

  private static final StateDeclaration<State> DECLARATION = State.declareEntropy();
  private static final List<Property> PROPERTIES =
      RingProperties.after(List.of(ITERATIVE_MIGRATION));

  /** Nothing beyond what all virtio devices have. */
  public static final class State extends VirtioState {
    State(Shape shape) {
      super(shape);
    }

    /** The form of a device somewhere else. */
    public static OfferedForm<State> offered() {
      return new OfferedForm<>(DECLARATION, life -> new State(Shape.of(life)));
    }

    private static StateDeclaration<State> declareEntropy() {
      return VirtioState.<State>declare("virtio-rng", 1)
          .classic(new VirtioClassicCodec<>())
          .build();
    }
  }

  private final PropertyValues properties;
  private final RandomGenerator source;
  private final ChainHandler fill = this::fill;
  private final byte[] bytes = new byte[MOST_AT_ONCE];

  VirtioEntropy(PropertyValues properties, RandomGenerator source, GuestMemory memory) {
    super(new VirtioIdentity("virtio-rng", DEVICE_ID, 0, 0, List.of(QUEUE_SIZE)), memory);
    this.properties = properties;
    this.source = source;
  }

  /** Everything that can be set. */
  public static List<Property> declaredProperties() {
    return PROPERTIES;
  }

  /**
   * Makes a device.
   *
   * @param given properties as typed
   * @param problems hears of everything wrong; nothing is made then
   */
  public static Optional<VirtioEntropy> create(
      Map<String, String> given, GuestMemory memory, Consumer<String> problems) {
    boolean[] fine = {true};
    PropertyValues values =
        PropertyValues.bind(
            DRIVER,
            PROPERTIES,
            given,
            problem -> {
              fine[0] = false;
              problems.accept(problem);
            });
    return fine[0]
        ? Optional.of(new VirtioEntropy(values, new SecureRandom(), memory))
        : Optional.empty();
  }

  @Override
  public PropertyValues properties() {
    return properties;
  }

  @Override
  public StateDeclaration<State> declaration() {
    return DECLARATION;
  }

  @Override
  protected void queueNotified(int index) {
    drain(queue(index), fill);
  }

  private int fill(DescriptorChain chain) {
    int length = Math.min(chain.writable(), MOST_AT_ONCE);
    source.nextBytes(bytes);
    chain.write(0, bytes, 0, length);
    return length;
  }

  @Override
  protected void fillConfig(ByteBuffer littleEndian) {}

  @Override
  protected State newState(VirtioState.Shape shape) {
    return new State(shape);
  }

  @Override
  protected void saveDevice(State state) {}

  @Override
  protected void loadDevice(State state) {}
}
