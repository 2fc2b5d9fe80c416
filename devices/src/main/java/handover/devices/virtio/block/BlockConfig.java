package handover.devices.virtio.block;

import java.nio.ByteBuffer;

/** The block device's configuration space (virtio 1.2, 5.2.4). */
final class BlockConfig {
  /** Up to and including {@code write_zeroes_may_unmap}. */
  static final int LENGTH = 57;

  /** Offset of {@code writeback}, the one field a driver may write. */
  static final int WRITEBACK = 32;

  /** Most sectors of one discard or write-zeroes request: what fits 31 bits of bytes. */
  static final int MOST_SECTORS = Integer.MAX_VALUE / RawImage.SECTOR;

  private static final int HEADS = 16;
  private static final int SECTORS_PER_TRACK = 63;
  private static final int MOST_CYLINDERS = 16383;

  private BlockConfig() {}

  static void fill(ByteBuffer space, long sectors, int queueSize, int queues, boolean writeback) {
    space.putLong(sectors);
    space.putInt(0); // size_max is not offered.
    space.putInt(queueSize - 2);
    space.putShort((short) Math.clamp(sectors / (HEADS * SECTORS_PER_TRACK), 2, MOST_CYLINDERS));
    space.put((byte) HEADS);
    space.put((byte) SECTORS_PER_TRACK);
    space.putInt(RawImage.SECTOR);
    space.putLong(0); // Topology: blocks are sectors, aligned, with no preferred size.
    space.put((byte) (writeback ? 1 : 0));
    space.put((byte) 0);
    space.putShort((short) queues);
    space.putInt(MOST_SECTORS);
    space.putInt(1);
    space.putInt(1);
    space.putInt(MOST_SECTORS);
    space.putInt(1);
    space.put((byte) 1);
  }
}
