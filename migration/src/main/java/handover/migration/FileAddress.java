package handover.migration;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A place in a file, where other migrations have a socket's address. */
final class FileAddress extends SocketAddress {
  private static final long serialVersionUID = 1;

  private final transient Path path;
  private final long offset;

  FileAddress(Path path, long offset) {
    this.path = path;
    this.offset = offset;
  }

  /** Opens it to be written from the offset on; what lies behind is cut off. */
  FileChannel write() throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    return file.truncate(offset).position(offset);
  }

  /** Opens it to be read from the offset on. */
  FileChannel read() throws IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.READ).position(offset);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no file %s; 'migrate file:PATH' on a source writes one".formatted(path), e);
    }
  }

  @Override
  public String toString() {
    return "file " + path;
  }
}
