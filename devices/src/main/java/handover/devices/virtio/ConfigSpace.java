package handover.devices.virtio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * The device-specific configuration space (virtio 1.2, 2.5), little-endian, made anew at each read.
 * Guarded by the device's lock.
 */
final class ConfigSpace {
  private final int length;
  private final Consumer<ByteBuffer> fill;
  private final ByteBuffer space;
  private int generation;

  /**
   * A space of {@code length} bytes.
   *
   * @param fill puts all of them, from the first
   */
  ConfigSpace(int length, Consumer<ByteBuffer> fill) {
    this.length = length;
    this.fill = fill;
    this.space = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** All of it as the driver reads it now; valid until the next read. */
  ByteBuffer read() {
    space.clear();
    fill.accept(space);
    return space.clear();
  }

  /** Whether an access of so many bytes lies inside. */
  boolean holds(int offset, int bytes) {
    return offset + bytes <= length;
  }

  /** Reads 1, 2, 4 or 8 bytes; 0 behind the end. */
  long load(int offset, int bytes) {
    if (!holds(offset, bytes)) {
      return 0;
    }
    ByteBuffer now = read();
    return switch (bytes) {
      case 1 -> now.get(offset) & 0xff;
      case 2 -> now.getShort(offset) & 0xffff;
      case 4 -> now.getInt(offset) & 0xffff_ffffL;
      default -> now.getLong(offset);
    };
  }

  /** It reads differently from now on. */
  void changed() {
    generation++;
  }

  /** How often it has changed. */
  int generation() {
    return generation;
  }
}
