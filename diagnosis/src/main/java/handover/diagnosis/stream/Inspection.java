package handover.diagnosis.stream;

import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A migration stream of any QEMU, or of this program, taken apart: what stands where, and on demand
 * what a section says. Needs no more memory for a large stream than for a small one.
 */
public final class Inspection implements AutoCloseable {
  private static final int PIECE = 64 << 10;

  private final StreamOutline outline;
  private final Payloads payloads;
  private final AutoCloseable source;

  /**
   * What a section's payload says.
   *
   * @param values its fields; none if nobody says what they are
   * @param problem why they end early, if they do
   */
  public record Content(List<FieldValue> values, Optional<String> problem) {}

  private Inspection(StreamOutline outline, Payloads payloads, AutoCloseable source) {
    this.outline = outline;
    this.payloads = payloads;
    this.source = source;
  }

  /** Walks a file; anything that is no regular file is walked as a pipe. */
  public static Inspection of(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    if (!Files.isRegularFile(path)) {
      return ofPipe(file);
    }
    StreamWalk walk =
        new StreamWalk(StreamCursor.of(file), Optional.empty(), DescriptionFinder.find(file));
    return new Inspection(walk.walk(), Payloads.of(file), file);
  }

  /** Walks what can only be read once; device state is kept in a temporary file. */
  public static Inspection of(ReadableByteChannel pipe) throws IOException {
    return ofPipe(pipe);
  }

  private static Inspection ofPipe(ReadableByteChannel pipe) throws IOException {
    Spool spool = Spool.create();
    StreamWalk walk =
        new StreamWalk(StreamCursor.ofPipe(pipe), Optional.of(spool), Optional.empty());
    return new Inspection(walk.walk(), spool, spool);
  }

  /** What stands where. */
  public StreamOutline outline() {
    return outline;
  }

  /** Decodes a section's payload; not that of RAM, whose figures are in the outline. */
  public Content content(StreamItem.Section section) throws IOException {
    if (section.header().type() != StreamFormat.SECTION_FULL) {
      return new Content(List.of(), Optional.empty());
    }
    WireReader in =
        new WireReader(
            new BufferedInputStream(
                payloads.from(section.payload(), section.payloadBytes()), PIECE));
    in.enter(section.label());
    try {
      return new Content(values(section, in), Optional.empty());
    } catch (StreamException e) {
      return new Content(List.of(), Optional.of(e.getMessage()));
    }
  }

  private List<FieldValue> values(StreamItem.Section section, WireReader in) {
    if (VirtioDecoder.knows(section.header().name())) {
      return VirtioDecoder.decode(
          in, section.payload(), section.payloadBytes(), section.header().name());
    }
    return outline
        .description()
        .flatMap(d -> d.section(section.label()))
        .map(s -> new FieldDecoder(in, section.payload()).state(s.state()))
        .orElse(List.of());
  }

  /** The bytes at {@code offset}; fewer than {@code count} where they were not kept. */
  byte[] bytes(long offset, int count) throws IOException {
    try (InputStream in = payloads.from(offset, count)) {
      return in.readNBytes(count);
    }
  }

  /** Gives the file back. */
  @Override
  public void close() throws IOException {
    try {
      source.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
