package handover.devices.virtio.console;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What device and driver have told each other of one port over the control queues (virtio 1.2,
 * 5.3.6.2). What is still to be said waits here, as a driver may have no buffer for it, and moves
 * with the guest.
 */
final class PortControl {
  static final int DEVICE_READY = 0;
  static final int PORT_ADD = 1;
  static final int PORT_READY = 3;
  static final int CONSOLE_PORT = 4;
  static final int RESIZE = 5;
  static final int PORT_OPEN = 6;
  static final int PORT_NAME = 7;

  /** What is to be said, in the order in which it is said; each a bit of {@link #pending}. */
  private static final int[] ORDER = {PORT_ADD, CONSOLE_PORT, RESIZE, PORT_NAME, PORT_OPEN};

  final SerialPort port;
  private final int columns;
  private final int rows;
  boolean guestConnected;
  int pending;

  PortControl(SerialPort port, int columns, int rows) {
    this.port = port;
    this.columns = columns;
    this.rows = rows;
  }

  /** As after a reset. */
  void forget() {
    guestConnected = false;
    pending = 0;
  }

  /** The driver knows the device: it hears that there is a port. */
  void deviceReady() {
    pending |= 1 << PORT_ADD;
  }

  /** The driver knows the port: it hears what it is, and that the far end is there. */
  void portReady(boolean sizes) {
    if (port.console()) {
      pending |= 1 << CONSOLE_PORT;
      pending |= sizes ? 1 << RESIZE : 0;
    }
    pending |= port.name().isEmpty() ? 0 : 1 << PORT_NAME;
    pending |= 1 << PORT_OPEN;
  }

  /** The next message to the driver, if any is left; it stays the next until {@link #said}. */
  Optional<ControlMessage> next() {
    for (int event : ORDER) {
      if ((pending & 1 << event) != 0) {
        return Optional.of(message(event));
      }
    }
    return Optional.empty();
  }

  /** The driver has been told. */
  void said(ControlMessage message) {
    pending &= ~(1 << message.event());
  }

  private ControlMessage message(int event) {
    byte[] more =
        switch (event) {
          case RESIZE ->
              new byte[] {(byte) columns, (byte) (columns >> 8), (byte) rows, (byte) (rows >> 8)};
          case PORT_NAME -> port.name().getBytes(StandardCharsets.UTF_8);
          default -> new byte[0];
        };
    return new ControlMessage(port.number(), event, 1, more);
  }
}
