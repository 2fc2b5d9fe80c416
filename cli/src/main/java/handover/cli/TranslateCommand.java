package handover.cli;

import handover.diagnosis.stream.StreamCursor;
import handover.diagnosis.translate.StreamTranslation;
import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code handover translate}: a stream of one QEMU release, for another. */
@Command(
    name = "translate",
    description = {
      "Rewrites a RISC-V guest's migration stream as another release of QEMU writes it.",
      "No guest runs meanwhile. Exit status: 0 done, 1 it cannot be translated, 2 not understood."
    },
    mixinStandardHelpOptions = true)
final class TranslateCommand implements Callable<Integer> {
  private static final String STANDARD = "-";

  @Spec private CommandSpec spec;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "RELEASE",
      completionCandidates = Releases.class,
      description = "Whose stream to write: ${COMPLETION-CANDIDATES}.")
  private String to;

  @Option(
      names = "--large-queues",
      description = "The destination's virtio queues are as large as the guest has them.")
  private boolean largeQueues;

  @Parameters(index = "0", paramLabel = "IN", description = "The stream; - for standard input.")
  private String in;

  @Parameters(index = "1", paramLabel = "OUT", description = "The new one; - for standard output.")
  private String out;

  /** Names after {@code --to}. */
  static final class Releases implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return QemuRelease.names().iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    QemuRelease release =
        QemuRelease.named(to)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "--to %s: the streams written are those of %s"
                            .formatted(to, String.join(", ", QemuRelease.names()))));
    try (FileChannel source = source()) {
      tell(translate(cursor(source), release), release);
      return 0;
    } catch (StreamException e) {
      spec.commandLine().getErr().println("handover: " + e.getMessage());
      return 1;
    }
  }

  private FileChannel source() throws IOException {
    if (in.equals(STANDARD)) {
      return new FileInputStream(FileDescriptor.in).getChannel();
    }
    Path path = Path.of(in);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new ParameterException(spec.commandLine(), "there is no stream to read at " + in);
    }
    return FileChannel.open(path, StandardOpenOption.READ);
  }

  private StreamCursor cursor(FileChannel source) {
    boolean file = !in.equals(STANDARD) && Files.isRegularFile(Path.of(in));
    return file ? StreamCursor.of(source) : StreamCursor.ofPipe(source);
  }

  private StreamTranslation.Summary translate(StreamCursor from, QemuRelease release)
      throws IOException {
    if (out.equals(STANDARD)) {
      try (FileChannel pipe = new FileOutputStream(FileDescriptor.out).getChannel()) {
        return run(from, pipe, release);
      }
    }
    Path path = Path.of(out);
    return Files.exists(path) && !Files.isRegularFile(path)
        ? toDevice(from, path, release)
        : toFile(from, path.toAbsolutePath(), release);
  }

  private StreamTranslation.Summary toDevice(StreamCursor from, Path path, QemuRelease release)
      throws IOException {
    try (FileChannel device = FileChannel.open(path, StandardOpenOption.WRITE)) {
      return run(from, device, release);
    }
  }

  /** What is only half there has another name, so that nobody takes it for a guest. */
  private StreamTranslation.Summary toFile(StreamCursor from, Path path, QemuRelease release)
      throws IOException {
    Path part = Files.createTempFile(path.getParent(), path.getFileName().toString(), ".part");
    try {
      StreamTranslation.Summary summary;
      try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
        summary = run(from, file, release);
      }
      Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return summary;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private StreamTranslation.Summary run(
      StreamCursor from, WritableByteChannel channel, QemuRelease release) throws IOException {
    return StreamTranslation.run(from, channel, release, largeQueues);
  }

  private void tell(StreamTranslation.Summary done, QemuRelease release) {
    PrintWriter words =
        out.equals(STANDARD) ? spec.commandLine().getErr() : spec.commandLine().getOut();
    words.printf(
        "For %s: %s of memory, %d hart%s, %s.%n",
        release.wireName(),
        Quantities.bytes(done.memoryBytes()),
        done.harts(),
        done.harts() == 1 ? "" : "s",
        done.devices().isEmpty() ? "no devices plugged" : String.join(", ", done.devices()));
    words.printf(
        "%s read, %s written%s.%n",
        Quantities.bytes(done.bytesRead()),
        Quantities.bytes(done.bytesWritten()),
        done.changes().isEmpty() ? "; nothing differs" : ": " + String.join(", ", done.changes()));
    words.flush();
  }
}
