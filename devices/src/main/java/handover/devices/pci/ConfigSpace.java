package handover.devices.pci;

/**
 * A function's configuration space as it stands. Guarded by the lock of the device it belongs to.
 */
final class ConfigSpace {
  private final ConfigLayout layout;
  private final byte[] bytes;

  ConfigSpace(ConfigLayout layout) {
    this.layout = layout;
    this.bytes = layout.initial.clone();
  }

  long load(int offset, int width) {
    long value = 0;
    for (int i = 0; i < width; i++) {
      value |= (bytes[offset + i] & 0xffL) << 8 * i;
    }
    return value;
  }

  /** Writes the bits that can be written; clears those that a written one clears. */
  void store(int offset, int width, long value) {
    for (int i = 0; i < width; i++) {
      int at = offset + i;
      int written = (int) (value >>> 8 * i);
      int kept = bytes[at] & ~layout.writable[at] & ~(written & layout.clearable[at]);
      bytes[at] = (byte) (kept | written & layout.writable[at]);
    }
  }

  boolean command(int bit) {
    return (load(ConfigLayout.COMMAND, 2) & bit) != 0;
  }

  void reset() {
    System.arraycopy(layout.initial, 0, bytes, 0, bytes.length);
  }

  void copyTo(byte[] into) {
    System.arraycopy(bytes, 0, into, 0, bytes.length);
  }

  /** Takes what a guest can have changed from {@code other}; the rest stays what it is here. */
  void adopt(byte[] other) {
    for (int i = 0; i < bytes.length; i++) {
      int changing = layout.writable[i] | layout.clearable[i];
      bytes[i] = (byte) (layout.initial[i] & ~changing | other[i] & changing);
    }
  }
}
