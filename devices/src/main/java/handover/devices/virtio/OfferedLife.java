package handover.devices.virtio;

import handover.vmstate.ChangeClass;
import handover.vmstate.FieldText;
import handover.vmstate.StreamException;
import java.util.Map;

/**
 * What an offer says of the fields that are fixed for a device's life ({@link ChangeClass#LIFE}),
 * in the words of {@link FieldText}: enough to know how long everything else is. An offer may come
 * from anywhere, so every number is bounded.
 */
public final class OfferedLife {
  static final String HOST_FEATURES = "host_features";
  static final String CONFIG_LEN = "config_len";
  static final String LEGACY = "legacy";
  static final String VQ_COUNT = "vq_count";
  static final String MSIX_VECTORS = "msix_vectors";

  private final Map<String, String> values;
  private final boolean pci;

  /**
   * Values by field name.
   *
   * @param pci whether the device is a PCI function, which no value tells
   */
  public OfferedLife(Map<String, String> values, boolean pci) {
    this.values = values;
    this.pci = pci;
  }

  boolean pci() {
    return pci;
  }

  /**
   * A count from 0 to {@code most}.
   *
   * @throws StreamException if there is none, or it is another
   */
  public int count(String field, int most) {
    long value = bits(field);
    if (value < 0 || value > most) {
      throw wrong(field, "0 to " + most);
    }
    return (int) value;
  }

  /**
   * 64 bits.
   *
   * @throws StreamException if there is no such number
   */
  public long bits(String field) {
    try {
      return Long.parseUnsignedLong(values.getOrDefault(field, ""));
    } catch (NumberFormatException e) {
      throw wrong(field, "a number");
    }
  }

  boolean flag(String field) {
    return values.getOrDefault(field, "").equals("on");
  }

  private StreamException wrong(String field, String expected) {
    return new StreamException(
        "offer: %s: expected %s, found '%s'"
            .formatted(field, expected, values.getOrDefault(field, "")));
  }
}
