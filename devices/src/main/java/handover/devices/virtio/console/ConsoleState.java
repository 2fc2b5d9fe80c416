package handover.devices.virtio.console;

import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.OfferedLife;
import handover.devices.virtio.VirtioState;
import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;
import java.util.stream.IntStream;

/**
 * Saved state of the console. No byte is ever in it: input waits at its far end until the driver
 * has a buffer, and output is taken at once.
 */
public final class ConsoleState extends VirtioState {
  private static final String MAX_NR_PORTS = "max_nr_ports";
  private static final String PORTS_MAP = "ports_map";
  private static final String CONSOLE_PORTS = "console_ports";

  final int mostPorts;
  final int[] numbers;
  final boolean[] consoles;
  final boolean[] guestConnected;
  final int[] pending;

  ConsoleState(Shape shape, int mostPorts, int[] numbers, boolean[] consoles) {
    super(shape);
    this.mostPorts = mostPorts;
    this.numbers = numbers;
    this.consoles = consoles;
    this.guestConnected = new boolean[numbers.length];
    this.pending = new int[numbers.length];
  }

  int ports() {
    return numbers.length;
  }

  /** A bit for each port there is. */
  long map() {
    long map = 0;
    for (int number : numbers) {
      map |= 1L << number;
    }
    return map;
  }

  private long consoleMap() {
    long map = 0;
    for (int i = 0; i < numbers.length; i++) {
      map |= consoles[i] ? 1L << numbers[i] : 0;
    }
    return map;
  }

  /** The form of a device somewhere else. */
  public static OfferedForm<ConsoleState> offered() {
    return new OfferedForm<>(VirtioConsole.DECLARATION, ConsoleState::offered);
  }

  private static ConsoleState offered(OfferedLife life) {
    long map = life.bits(PORTS_MAP);
    long consoleMap = life.bits(CONSOLE_PORTS);
    int[] numbers = IntStream.range(0, Integer.SIZE).filter(i -> (map >>> i & 1) != 0).toArray();
    boolean[] consoles = new boolean[numbers.length];
    for (int i = 0; i < consoles.length; i++) {
      consoles[i] = (consoleMap >>> numbers[i] & 1) != 0;
    }
    return new ConsoleState(
        Shape.of(life), life.count(MAX_NR_PORTS, VirtioConsole.MOST_PORTS), numbers, consoles);
  }

  static StateDeclaration<ConsoleState> declareConsole() {
    return VirtioState.<ConsoleState>declare("virtio-console", 3)
        .group("console.identity", ChangeClass.LIFE)
        .equal(MAX_NR_PORTS, WireType.U32, s -> s.mostPorts)
        .equal(PORTS_MAP, WireType.U32, ConsoleState::map)
        .equal(CONSOLE_PORTS, WireType.U32, ConsoleState::consoleMap)
        .group("console.ports", ChangeClass.CONTROL)
        .array(
            "guest_connected",
            WireType.BOOL,
            ConsoleState::ports,
            (s, i) -> s.guestConnected[i] ? 1 : 0,
            (s, i, v) -> s.guestConnected[i] = v != 0)
        .array(
            "control_pending",
            WireType.U8,
            ConsoleState::ports,
            (s, i) -> s.pending[i],
            (s, i, v) -> s.pending[i] = (int) v)
        .classic(new ConsoleClassicCodec())
        .build();
  }
}
