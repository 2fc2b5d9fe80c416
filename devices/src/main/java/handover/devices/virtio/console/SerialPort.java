package handover.devices.virtio.console;

import handover.devices.CharacterBackend;

/**
 * A port of a virtio console as it was asked for.
 *
 * @param number 0 to 30; 0 is the only port of a driver that knows one
 * @param console whether the guest makes a terminal of it ({@code hvc}), or a plain channel
 * @param name what the guest calls it; empty for none
 * @param backend the far end
 */
public record SerialPort(int number, boolean console, String name, CharacterBackend backend) {
  /** QEMU's name for a port with a terminal in the guest. */
  public static final String CONSOLE_DRIVER = "virtconsole";

  /** QEMU's name for a port that is a channel in the guest. */
  public static final String CHANNEL_DRIVER = "virtserialport";
}
