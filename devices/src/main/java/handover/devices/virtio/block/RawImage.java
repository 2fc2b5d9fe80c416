package handover.devices.virtio.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** A disk in a raw file: byte n of the file is byte n of the disk. Positions were checked. */
public final class RawImage implements AutoCloseable {
  /** The unit of virtio-blk's addresses. */
  public static final int SECTOR = 512;

  private final String id;
  private final FileChannel file;
  private final boolean readOnly;
  private final long sectors;

  private RawImage(String id, FileChannel file, boolean readOnly) throws IOException {
    this.id = id;
    this.file = file;
    this.readOnly = readOnly;
    this.sectors = (file.size() + SECTOR - 1) / SECTOR;
  }

  /**
   * Opens a file that exists. Its length, rounded up to a sector, is the disk's for good.
   *
   * @param id what {@code -drive id=} called it
   */
  public static RawImage open(String id, Path path, boolean readOnly) throws IOException {
    FileChannel channel =
        readOnly
            ? FileChannel.open(path, StandardOpenOption.READ)
            : FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new RawImage(id, channel, readOnly);
  }

  /** What {@code -drive id=} called it. */
  public String id() {
    return id;
  }

  /** Whether writes are refused. */
  public boolean readOnly() {
    return readOnly;
  }

  /** Length in sectors of 512 bytes. */
  public long sectors() {
    return sectors;
  }

  /** Fills {@code into[0, length)} from byte {@code position}; past the file's end are zeros. */
  void read(long position, byte[] into, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(into, 0, length);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, position + buffer.position()) < 0) {
        Arrays.fill(into, buffer.position(), length, (byte) 0);
        return;
      }
    }
  }

  /** Writes {@code source[0, length)} at byte {@code position}. */
  void write(long position, byte[] source, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(source, 0, length);
    while (buffer.hasRemaining()) {
      file.write(buffer, position + buffer.position());
    }
  }

  /** Returns when everything written survives a power failure. */
  void flush() throws IOException {
    file.force(false);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
