package handover.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** How the files of a machine's {@link BootImages} are held until they are put into memory. */
enum BootFile {
  /** Read at once: a reset brings back what was booted, whatever has become of the file. */
  READ {
    @Override
    ByteBuffer content(Path file) throws IOException {
      return ByteBuffer.wrap(Files.readAllBytes(file));
    }
  },

  /**
   * Mapped: read when it is needed. For a machine whose guest comes from elsewhere, which needs it
   * at a reset only; that one loads what is in the file then.
   */
  MAPPED {
    @Override
    ByteBuffer content(Path file) throws IOException {
      if (!Files.isRegularFile(file)) {
        return READ.content(file);
      }
      try (FileChannel channel = FileChannel.open(file)) {
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      }
    }
  };

  /** All of a file of less than 2 GiB, from position 0. */
  abstract ByteBuffer content(Path file) throws IOException;
}
