package handover.diagnosis.stream;

import handover.devices.virtio.VirtioFeatures;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** What the numbers of a virtio device's fields mean, behind them. */
final class VirtioWords {
  private static final String[] STATUS = {
    "ACKNOWLEDGE", "DRIVER", "DRIVER_OK", "FEATURES_OK", "", "", "NEEDS_RESET", "FAILED"
  };

  private static final int MAC_BYTES = 6;

  private VirtioWords() {}

  /**
   * A decoded field, with words where there are any for it.
   *
   * @param bytes has the field at {@code from}
   */
  static FieldValue put(String device, FieldValue field, byte[] bytes, int from) {
    return switch (field.name()) {
      case "guest_features", "driver_features" ->
          with(field, field.value() + features(device, ByteBuffer.wrap(bytes).getLong(from)));
      case "status" -> field.bytes() == 1 ? with(field, status(bytes[from] & 0xff)) : field;
      case "mac" -> field.bytes() == MAC_BYTES ? with(field, mac(bytes, from)) : field;
      case "config" -> {
        byte[] space = Arrays.copyOfRange(bytes, from, from + (int) field.bytes());
        yield new PciConfig(space, field.offset()).value(field.name());
      }
      default -> field;
    };
  }

  /** Names of feature bits, after a colon; empty for none. */
  static String features(String device, long bits) {
    return bits == 0 ? "" : ": " + VirtioFeatures.names(device, bits);
  }

  /** A device status (virtio 1.2, 2.1). */
  static String status(int status) {
    StringBuilder words = new StringBuilder(VirtioDecoder.hex(status));
    for (int bit = 0; bit < STATUS.length; bit++) {
      if ((status >> bit & 1) != 0) {
        words.append(' ').append(STATUS[bit]);
      }
    }
    return words.toString();
  }

  private static String mac(byte[] bytes, int from) {
    return HexFormat.ofDelimiter(":").formatHex(bytes, from, from + MAC_BYTES);
  }

  private static FieldValue with(FieldValue field, String value) {
    return new FieldValue(
        field.name(), field.type(), field.offset(), field.bytes(), value, field.parts());
  }
}
