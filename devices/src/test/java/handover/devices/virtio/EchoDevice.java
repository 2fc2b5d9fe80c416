package handover.devices.virtio;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.memory.GuestMemory;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;

/** The least device there can be: copies what it reads of a chain into what it may write. */
final class EchoDevice extends VirtioDevice<EchoDevice.State> {
  static final class State extends VirtioState {
    State(Shape shape) {
      super(shape);
    }
  }

  static final StateDeclaration<State> DECLARATION =
      VirtioState.<State>declare("virtio-echo", 1).classic(new VirtioClassicCodec<>()).build();

  private final PropertyValues properties;

  EchoDevice(GuestMemory memory) {
    this(memory, false);
  }

  EchoDevice(GuestMemory memory, boolean packed) {
    this(memory, packed, 42);
  }

  /** Says it is of another kind. */
  EchoDevice(GuestMemory memory, boolean packed, int deviceId) {
    super(new VirtioIdentity("virtio-echo", deviceId, 0, 4, List.of(64, 64)), memory);
    Property iterative =
        new Property("iterative-mig", Property.Kind.ON_OFF_AUTO, "auto", false, "As everywhere.");
    properties =
        PropertyValues.bind(
            "virtio-echo",
            RingProperties.after(List.of(iterative)),
            Map.of("packed", packed ? "on" : "off"),
            problem -> {});
  }

  @Override
  protected void queueNotified(int queue) {
    drain(
        queue(queue),
        chain -> {
          byte[] bytes = new byte[Math.min(chain.readable(), chain.writable())];
          chain.read(0, bytes, 0, bytes.length);
          chain.write(0, bytes, 0, bytes.length);
          return bytes.length;
        });
  }

  @Override
  protected void fillConfig(ByteBuffer littleEndian) {
    littleEndian.putInt(0x0a0b0c0d);
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
  protected State newState(VirtioState.Shape shape) {
    return new State(shape);
  }

  @Override
  protected void saveDevice(State state) {}

  @Override
  protected void loadDevice(State state) {}

  /** It works again after a reset, whatever went before. */
  static void requireAlive(TestGuest guest, long features) {
    guest.start(features, 16, 16);
    guest.ring(0).add(TestRing.Piece.out((byte) 5), TestRing.Piece.in(1));
    guest.kick(0);
    Assertions.assertThat(guest.ring(0).await().written()).containsExactly(5);
  }
}
