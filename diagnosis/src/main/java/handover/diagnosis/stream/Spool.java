package handover.diagnosis.stream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was kept of a pipe, device state but not RAM, until the description at the stream's end says
 * what it means. It lies in a temporary file without a name, so that memory does not grow with it.
 */
final class Spool implements Payloads, StreamCursor.Sink, AutoCloseable {
  private final FileChannel file;

  /** Where a run of bytes begins in the stream → where it begins in the file. */
  private final TreeMap<Long, Run> runs = new TreeMap<>();

  private long end;

  private static final class Run {
    private final long at;
    private long length;

    Run(long at) {
      this.at = at;
    }
  }

  private Spool(FileChannel file) {
    this.file = file;
  }

  static Spool create() throws IOException {
    Path path = Files.createTempFile("handover-inspect", ".state");
    FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    Files.deleteIfExists(path);
    return new Spool(file);
  }

  @Override
  public void append(long position, ByteBuffer bytes) {
    Map.Entry<Long, Run> before = runs.lastEntry();
    boolean continues = before != null && before.getKey() + before.getValue().length == position;
    Run run = continues ? before.getValue() : begin(position);
    try {
      while (bytes.hasRemaining()) {
        int written = file.write(bytes, end);
        end += written;
        run.length += written;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("device state cannot be kept in a temporary file", e);
    }
  }

  private Run begin(long position) {
    Run run = new Run(end);
    runs.put(position, run);
    return run;
  }

  @Override
  public InputStream from(long position, long length) throws IOException {
    Map.Entry<Long, Run> run = runs.floorEntry(position);
    long into = run == null ? 0 : position - run.getKey();
    if (run == null || into >= run.getValue().length) {
      return new ByteArrayInputStream(new byte[0]);
    }
    long there = Math.min(length, run.getValue().length - into);
    return Payloads.of(file).from(run.getValue().at + into, there);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
