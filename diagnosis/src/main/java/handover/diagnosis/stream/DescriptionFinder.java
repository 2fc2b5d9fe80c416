package handover.diagnosis.stream;

import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;

/**
 * Finds the description at a file's end, going backwards: its marker and length have to fit what is
 * left of the file. JSON has no byte like the marker, so that nothing inside can be taken for it.
 */
final class DescriptionFinder {
  private static final int HEAD = 5;
  private static final int PIECE = 64 << 10;

  private DescriptionFinder() {}

  /** Empty if the file ends otherwise: it is cut off, or was written without a description. */
  static Optional<StreamDescription> find(FileChannel file) throws IOException {
    long size = file.size();
    ByteBuffer piece = ByteBuffer.allocate(PIECE + HEAD);
    long last = size - HEAD;
    while (last >= 0 && size - last <= StreamDescription.LONGEST) {
      long first = Math.max(0, last - PIECE + 1);
      read(file, piece.clear().limit((int) (last - first) + HEAD), first);
      for (int i = (int) (last - first); i >= 0; i--) {
        if (piece.get(i) == StreamFormat.VMDESCRIPTION) {
          return fits(piece, i, size - first - i)
              ? parse(file, first + i + HEAD)
              : Optional.empty();
        }
      }
      last = first - 1;
    }
    return Optional.empty();
  }

  private static boolean fits(ByteBuffer piece, int at, long left) {
    return Integer.toUnsignedLong(piece.getInt(at + 1)) == left - HEAD;
  }

  private static Optional<StreamDescription> parse(FileChannel file, long at) throws IOException {
    WireReader in = new WireReader(Payloads.of(file).from(at, file.size() - at));
    try {
      return Optional.of(StreamDescription.read(in, file.size() - at));
    } catch (StreamException e) {
      // The walk meets it again, and says what is wrong with it.
      return Optional.empty();
    }
  }

  private static void read(FileChannel file, ByteBuffer into, long position) throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int got = file.read(into, at);
      if (got < 0) {
        throw new IOException("the file became shorter while it was read");
      }
      at += got;
    }
  }
}
