package handover.devices.virtio.console;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.virtio.ChainHandler;
import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioState;
import handover.devices.virtio.Virtqueue;
import handover.memory.GuestMemory;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The console device (virtio 1.2, 5.3) with its ports.
 *
 * <p>Queues come in pairs, the driver's input first: port 0, control, port 1, port 2 and so on.
 * Input is fetched from a port's far end only when the driver has opened the port and has a buffer
 * for it, so that none is on its way when the machine stops.
 */
public final class VirtioConsole extends VirtioDevice<ConsoleState> {
  /** QEMU's name for the device. */
  public static final String DRIVER = "virtio-serial-device";

  /** More than a u32 word of ports would have another classic form. */
  public static final int MOST_PORTS = 31;

  static final int CONTROL_INPUT = 2;
  static final int CONTROL_OUTPUT = 3;

  /** Where in configuration space a driver prints that has no queues. */
  static final int EMERGENCY_WRITE = 8;

  static final StateDeclaration<ConsoleState> DECLARATION = ConsoleState.declareConsole();

  private final PropertyValues properties;
  private final int mostPorts;
  private final List<PortControl> ports = new ArrayList<>();
  private final ChainHandler control = this::control;
  private final byte[] bytes = new byte[4096];

  private VirtioConsole(PropertyValues properties, List<SerialPort> wanted, GuestMemory memory) {
    super(ConsoleProperties.identity(properties), memory);
    this.properties = properties;
    this.mostPorts = properties.number("max_ports");
    for (SerialPort port : wanted) {
      ports.add(new PortControl(port, properties.number("cols"), properties.number("rows")));
      port.backend().onInput(() -> kick(inputQueue(port.number())));
    }
  }

  /** Everything that can be set. */
  public static List<Property> declaredProperties() {
    return ConsoleProperties.DECLARED;
  }

  /**
   * Makes a device.
   *
   * @param given properties as typed
   * @param ports what is plugged into it
   * @param problems hears of everything wrong; nothing is made then
   */
  public static Optional<VirtioConsole> create(
      Map<String, String> given,
      List<SerialPort> ports,
      GuestMemory memory,
      Consumer<String> problems) {
    Optional<PropertyValues> values = ConsoleProperties.bind(given, ports, problems);
    List<SerialPort> sorted =
        ports.stream().sorted(Comparator.comparingInt(SerialPort::number)).toList();
    return values.map(v -> new VirtioConsole(v, sorted, memory));
  }

  @Override
  public PropertyValues properties() {
    return properties;
  }

  @Override
  public StateDeclaration<ConsoleState> declaration() {
    return DECLARATION;
  }

  // ---- Queues

  private static int inputQueue(int port) {
    return port == 0 ? 0 : 2 * port + 2;
  }

  private Optional<PortControl> portOfQueue(int queue) {
    int number = queue < 2 ? 0 : queue / 2 - 1;
    return port(number);
  }

  private Optional<PortControl> port(long number) {
    return ports.stream().filter(p -> p.port.number() == number).findFirst();
  }

  @Override
  protected void queueNotified(int index) {
    boolean output = (index & 1) == 1;
    if (index == CONTROL_OUTPUT) {
      drain(queue(index), control);
      tell();
    } else if (index == CONTROL_INPUT) {
      tell();
    } else if (output) {
      drain(queue(index), chain -> print(portOfQueue(index), chain));
    } else {
      portOfQueue(index).filter(this::open).ifPresent(p -> type(p, queue(index)));
    }
  }

  /** A driver that knows only one port does not say that it has opened it. */
  private boolean open(PortControl port) {
    return port.guestConnected || !negotiated(ConsoleFeatures.MULTIPORT);
  }

  private int print(Optional<PortControl> port, DescriptorChain chain) {
    int length = chain.readable();
    for (int done = 0; done < length; ) {
      int part = Math.min(bytes.length, length - done);
      chain.read(done, bytes, 0, part);
      done += part;
      for (int i = 0; i < part && port.isPresent(); i++) {
        port.get().port.backend().write(bytes[i]);
      }
    }
    return 0;
  }

  /** Gives the driver what has arrived, as far as it has buffers; at most a ring full. */
  private void type(PortControl port, Virtqueue queue) {
    boolean more = true;
    for (int left = queue.size(); more && left > 0; left--) {
      more = fill(port, queue);
    }
    queue.publish();
    if (more) {
      kick(queue.index());
    }
  }

  /** Fills one of the driver's buffers; false if there is no input, or no buffer for it. */
  private boolean fill(PortControl port, Virtqueue queue) {
    DescriptorChain chain = buffer(queue);
    if (chain == null) {
      return false;
    }
    int room = Math.min(chain.writable(), bytes.length);
    int length = fetch(port, room);
    if (length == 0 && room > 0) {
      queue.unpop(chain);
      return false;
    }
    chain.write(0, bytes, 0, length);
    queue.push(chain, length);
    return true;
  }

  /** The driver's next buffer, or null; without one it is asked to say when there is. */
  private static DescriptorChain buffer(Virtqueue queue) {
    DescriptorChain chain = queue.pop();
    return chain == null && queue.enableKicks() ? queue.pop() : chain;
  }

  private int fetch(PortControl port, int most) {
    int length = 0;
    for (int value = 0; length < most && value >= 0; ) {
      value = port.port.backend().read();
      if (value >= 0) {
        bytes[length++] = (byte) value;
      }
    }
    return length;
  }

  // ---- The control queues

  private int control(DescriptorChain chain) {
    ControlMessage message = ControlMessage.read(chain);
    if (message.event() == PortControl.DEVICE_READY && message.value() == 1) {
      ports.forEach(PortControl::deviceReady);
    } else {
      port(message.port()).ifPresent(port -> control(port, message));
    }
    stateChanged();
    return 0;
  }

  private void control(PortControl port, ControlMessage message) {
    if (message.event() == PortControl.PORT_READY && message.value() == 1) {
      port.portReady(negotiated(ConsoleFeatures.SIZE));
    } else if (message.event() == PortControl.PORT_OPEN) {
      port.guestConnected = message.value() != 0;
      kick(inputQueue(port.port.number()));
    }
  }

  /** Says what is to be said, as far as the driver has buffers. */
  private void tell() {
    Virtqueue queue = queue(CONTROL_INPUT);
    boolean more = queue.ready();
    for (int i = 0; more && i < ports.size(); i++) {
      more = tell(queue, ports.get(i));
    }
    if (queue.ready()) {
      queue.publish();
    }
  }

  /** All there is to say of one port; false if buffers ran out. */
  private boolean tell(Virtqueue queue, PortControl port) {
    for (Optional<ControlMessage> next = port.next(); next.isPresent(); next = port.next()) {
      DescriptorChain chain = buffer(queue);
      if (chain == null) {
        return false;
      }
      queue.push(chain, next.get().write(chain));
      port.said(next.get());
      stateChanged();
    }
    return true;
  }

  // ---- Registers

  @Override
  protected void fillConfig(ByteBuffer littleEndian) {
    littleEndian.putShort((short) properties.number("cols"));
    littleEndian.putShort((short) properties.number("rows"));
    littleEndian.putInt(mostPorts);
  }

  /** A driver in trouble prints without queues; the first port's far end shows it. */
  @Override
  protected void configWritten(int offset, int length, long value) {
    if (offset == EMERGENCY_WRITE && properties.flag("emergency-write")) {
      port(0).ifPresent(port -> port.port.backend().write((int) value & 0xff));
    }
  }

  @Override
  protected void deviceReset() {
    ports.forEach(PortControl::forget);
  }

  // ---- Migration

  @Override
  protected ConsoleState newState(VirtioState.Shape shape) {
    boolean[] consoles = new boolean[ports.size()];
    for (int i = 0; i < consoles.length; i++) {
      consoles[i] = ports.get(i).port.console();
    }
    return new ConsoleState(
        shape, mostPorts, ports.stream().mapToInt(p -> p.port.number()).toArray(), consoles);
  }

  @Override
  protected void saveDevice(ConsoleState state) {
    for (int i = 0; i < ports.size(); i++) {
      state.guestConnected[i] = ports.get(i).guestConnected;
      state.pending[i] = ports.get(i).pending;
    }
  }

  @Override
  protected CompletionStage<Void> stageDevice(ConsoleState early) {
    loadDevice(early);
    return CompletableFuture.completedStage(null);
  }

  @Override
  protected void loadDevice(ConsoleState state) {
    for (int i = 0; i < ports.size(); i++) {
      ports.get(i).guestConnected = state.guestConnected[i];
      ports.get(i).pending = state.pending[i];
    }
  }
}
