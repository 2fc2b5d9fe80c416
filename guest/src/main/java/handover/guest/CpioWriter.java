package handover.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the "new ASCII" format, as the kernel's buffer-format document describes
 * it. Owner is root and all times are zero, so equal contents give equal archives.
 */
final class CpioWriter implements AutoCloseable {

  private static final int FOLDER = 0040000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int FILE = 0100000;
  private static final int LINK = 0120000;
  private static final byte[] EMPTY = {};

  private final OutputStream out;
  private long written;
  private int inode;

  CpioWriter(OutputStream out) {
    this.out = out;
  }

  void folder(String path) throws IOException {
    entry(path, FOLDER | 0755, 2, 0, 0, EMPTY);
  }

  void file(String path, int permissions, byte[] content) throws IOException {
    entry(path, FILE | permissions, 1, 0, 0, content);
  }

  void link(String path, String target) throws IOException {
    entry(path, LINK | 0777, 1, 0, 0, target.getBytes(StandardCharsets.UTF_8));
  }

  void characterDevice(String path, int permissions, int major, int minor) throws IOException {
    entry(path, CHARACTER_DEVICE | permissions, 1, major, minor, EMPTY);
  }

  /** Ends the archive; the stream beneath stays open. */
  @Override
  public void close() throws IOException {
    inode = -1; // the trailer has inode 0
    entry("TRAILER!!!", 0, 1, 0, 0, EMPTY);
  }

  private void entry(String path, int mode, int links, int major, int minor, byte[] content)
      throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    StringBuilder header = new StringBuilder("070701");
    int[] fields = {
      ++inode, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length + 1, 0
    };
    for (int field : fields) {
      header.append("%08x".formatted(field));
    }
    write(header.toString().getBytes(StandardCharsets.US_ASCII));
    write(name);
    write(new byte[1]);
    align();
    write(content);
    align();
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  private void align() throws IOException {
    write(new byte[(int) (-written & 3)]);
  }
}
