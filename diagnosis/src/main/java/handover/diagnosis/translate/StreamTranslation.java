package handover.diagnosis.translate;

import handover.diagnosis.stream.StreamCursor;
import handover.machine.BoardSections;
import handover.machine.MachineSpecException;
import handover.vmstate.Configuration;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Rewrites the stream of a RISC-V {@code virt} machine as another release of QEMU writes it, while
 * no guest runs. Memory goes through as it comes; the state of devices, which is small, is kept
 * until all of it has come: what one section says in one release may stand in another in the next.
 *
 * <p>What the machine is made of is read off the stream: memory from its list of blocks, harts and
 * devices from its sections.
 */
public final class StreamTranslation {
  private static final String MACHINE = "virt";
  private static final int PAGE_BITS = 12;
  private static final int MOST_STATE = 64 << 20;

  /**
   * What was done.
   *
   * @param memoryBytes main memory
   * @param harts number of harts
   * @param devices sections of what is plugged
   * @param changes what is written otherwise than it came
   * @param bytesRead length of the stream
   * @param bytesWritten and of the new one
   */
  public record Summary(
      long memoryBytes,
      int harts,
      List<String> devices,
      List<String> changes,
      long bytesRead,
      long bytesWritten) {}

  private final StreamCursor cursor;
  private final WireReader in;
  private final StreamSink out;
  private final QemuRelease release;
  private final boolean largeQueues;
  private final RamCopy ram;
  private final List<ArrivedSection> devices = new ArrayList<>();
  private OptionalInt ramId = OptionalInt.empty();
  private long stateBytes;

  private StreamTranslation(
      StreamCursor cursor, WritableByteChannel to, QemuRelease release, boolean largeQueues) {
    this.cursor = cursor;
    this.in = new WireReader(cursor);
    this.out = new StreamSink(to);
    this.release = release;
    this.largeQueues = largeQueues;
    this.ram = new RamCopy(cursor, in, out, () -> unknownBlocks(release));
  }

  /**
   * Translates a whole stream.
   *
   * @param from read to the end of its state; a description behind it is made anew
   * @param largeQueues whether the destination's virtio queues are as large as the guest has them
   * @throws StreamException if it is damaged, or not such a machine's, or has what cannot be
   *     translated; what was written until then is no stream
   */
  public static Summary run(
      StreamCursor from, WritableByteChannel to, QemuRelease release, boolean largeQueues)
      throws IOException {
    return new StreamTranslation(from, to, release, largeQueues).run();
  }

  private static Set<String> unknownBlocks(QemuRelease release) {
    try (BoardSections board = BoardSections.of(1, Set.of())) {
      return board.blocksUnknownTo(release);
    } catch (MachineSpecException e) {
      throw new IllegalStateException(e);
    }
  }

  private Summary run() throws IOException {
    configuration();
    int type = next();
    while (type != StreamFormat.EOF) {
      switch (type) {
        case StreamFormat.COMMAND -> command();
        case StreamFormat.SECTION_START,
            StreamFormat.SECTION_PART,
            StreamFormat.SECTION_END,
            StreamFormat.SECTION_FULL ->
            section(SectionHeader.read(type, in));
        default -> throw in.malformed("a section, a command or the end", "0x%02x".formatted(type));
      }
      type = next();
    }
    if (ram.memoryBytes().isEmpty()) {
      throw in.malformed("section ram before the end of state", "none");
    }
    return finish();
  }

  private int next() {
    in.enter("stream");
    return in.u8();
  }

  private void configuration() {
    Configuration arrived = Configuration.readHeader(in);
    if (!arrived.machine().equals(MACHINE)) {
      throw in.malformed(
          "the machine '%s' of RISC-V; others need no translation, or a program that knows them"
              .formatted(MACHINE),
          "'" + arrived.machine() + "'");
    }
    if (!arrived.capabilities().isEmpty()) {
      throw in.malformed(
          "a stream written without capabilities that change its form",
          arrived.capabilities() + "");
    }
    if (arrived.pageBits().orElse(PAGE_BITS) != PAGE_BITS) {
      throw in.malformed("pages of 4 KiB", "2^" + arrived.pageBits().getAsInt() + " bytes");
    }
    WireWriter head = new WireWriter();
    arrived.writeHeader(head);
    out.write(head);
  }

  /**
   * Those of a live connection mean nothing here; the others say that the stream is no plain one.
   */
  private void command() throws IOException {
    int command = in.u16();
    int length = in.u16();
    if (command != StreamFormat.COMMAND_OPEN_RETURN_PATH
        && command != StreamFormat.COMMAND_PING
        && command != StreamFormat.COMMAND_SWITCHOVER_START) {
      throw in.malformed(
          "a stream that nobody answers: written to a file, without postcopy",
          "command 0x%x".formatted(command));
    }
    in.bytes(length);
  }

  private void section(SectionHeader header) throws IOException {
    boolean first = header.name().equals(RamCopy.SECTION);
    if (first) {
      ramId = OptionalInt.of(header.id());
    }
    if (first || header.name().isEmpty() && ramId.orElse(~header.id()) == header.id()) {
      in.enter("section ram");
      ram.section(header);
    } else if (header.type() == StreamFormat.SECTION_FULL) {
      device(header);
    } else {
      throw in.malformed(
          "no sections in parts but ram", "section %d '%s'".formatted(header.id(), header.name()));
    }
  }

  private void device(SectionHeader header) throws IOException {
    in.enter("section '" + SectionHeader.label(header.name(), header.instanceId()) + "'");
    long at = in.position();
    Kept kept = new Kept();
    cursor.keep(Optional.of(kept));
    long passed = cursor.passToFooter(header.id());
    cursor.keep(Optional.empty());
    in.passed(Math.max(passed, -passed - 1));
    if (passed < 0) {
      throw in.malformed("the section's footer", "the end of the stream");
    }
    header.readFooter(in);
    devices.add(new ArrivedSection(header, at, kept.content.toByteArray()));
  }

  /** A section's payload, as long as all of them together stay small. */
  private final class Kept implements StreamCursor.Sink {
    private final WireWriter content = new WireWriter();

    @Override
    public void append(long position, ByteBuffer bytes) {
      stateBytes += bytes.remaining();
      if (stateBytes > MOST_STATE) {
        throw in.malformed("at most 64 MiB of device state", "more");
      }
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      content.bytes(copy);
    }
  }

  private Summary finish() {
    DeviceTranslation translation = new DeviceTranslation(devices, release, largeQueues);
    WireWriter tail = new WireWriter();
    byte[] description = translation.write(tail);
    tail.u8(StreamFormat.EOF);
    tail.u8(StreamFormat.VMDESCRIPTION);
    tail.u32(description.length);
    tail.bytes(description);
    out.write(tail);
    out.flush();
    List<String> changes = new ArrayList<>(translation.changes());
    ram.leftOut().forEach(name -> changes.add("RAM block " + name + " left out"));
    return new Summary(
        ram.memoryBytes().orElseThrow(),
        translation.harts(),
        translation.virtio(),
        List.copyOf(changes),
        in.position(),
        out.position());
  }
}
