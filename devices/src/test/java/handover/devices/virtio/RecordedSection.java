package handover.devices.virtio;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A device's section cut from a stream that QEMU 7.2 wrote, as text: its length, and rows of bytes.
 *
 * <p>How they were made: a bare-metal program brings up the device in slot 7 with one queue of 16
 * entries at 0x80100000 (available ring 0x100 behind it, used ring 0x1000 behind it), makes one
 * chain available, kicks, waits until it is used, and leaves the interrupt unacknowledged; then
 * {@code stop} and {@code migrate "exec:cat > FILE"} at QEMU's monitor. {@link TestGuest} takes the
 * same steps.
 */
final class RecordedSection {
  private RecordedSection() {}

  /** The bytes of the recording of this name. */
  static byte[] bytes(String name) {
    byte[] bytes = new byte[0];
    for (String line : text(name).lines().toList()) {
      if (line.startsWith("length ")) {
        bytes = new byte[Integer.parseInt(line.substring(7))];
      } else if (!line.startsWith("#")) {
        byte[] row = HexFormat.of().parseHex(line.substring(6));
        System.arraycopy(row, 0, bytes, Integer.parseInt(line, 0, 5, 16), row.length);
      }
    }
    return bytes;
  }

  private static String text(String name) {
    try (InputStream in = RecordedSection.class.getResourceAsStream(name + ".txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
