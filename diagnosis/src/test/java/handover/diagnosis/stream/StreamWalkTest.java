package handover.diagnosis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import handover.vmstate.Configuration;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What no stopped QEMU of the host writes, and what nobody should. */
final class StreamWalkTest {
  private static final int PAGE = 4096;

  static WireWriter beginning() {
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    return out;
  }

  static void section(WireWriter out, SectionHeader header, Consumer<WireWriter> payload) {
    header.write(out);
    payload.accept(out);
    header.writeFooter(out);
  }

  static void ramList(WireWriter out, String name, long size) {
    out.u64(size | 0x04);
    out.counted(name);
    out.u64(size);
    out.u64(0x10);
  }

  private static SectionHeader ram(int type) {
    return new SectionHeader(type, 2, "ram", 0, 4);
  }

  private static Inspection inspect(WireWriter out) throws Exception {
    return Inspection.of(Channels.newChannel(new ByteArrayInputStream(out.toByteArray())));
  }

  @Test
  void everyKindOfPageIsCounted() throws Exception {
    WireWriter out = beginning();
    section(out, ram(StreamFormat.SECTION_START), w -> ramList(w, "pc.ram", 8 * PAGE));
    section(
        out,
        SectionHeader.continuing(StreamFormat.SECTION_PART, 2),
        w -> {
          w.u64(0x02);
          w.counted("pc.ram");
          w.u8(0);
          w.u64(PAGE | 0x28);
          w.zeros(PAGE);
          w.u64(2 * PAGE | 0x60);
          w.u8(1);
          w.u16(5);
          w.zeros(5);
          w.u64(3 * PAGE | 0x120);
          w.u32(7);
          w.zeros(7);
          w.u64(0x200);
          w.u64(0x10);
        });
    out.u8(StreamFormat.EOF);
    try (Inspection stream = inspect(out)) {
      assertThat(stream.outline().broken()).isEmpty();
      RamTally.Block block = stream.outline().ram().blocks().iterator().next();
      assertThat(List.of(block.zero(), block.normal(), block.xbzrle(), block.compressed()))
          .containsExactly(1L, 1L, 1L, 1L);
    }
  }

  @Test
  void runsOfPagesBetweenHandoversAreCounted() throws Exception {
    WireWriter out = beginning();
    section(out, ram(StreamFormat.SECTION_START), w -> ramList(w, "pc.ram", 8 * PAGE));
    section(
        out,
        SectionHeader.continuing(StreamFormat.SECTION_PART, 2),
        w -> {
          w.u64(0x808);
          w.counted("pc.ram");
          w.u32(3);
          w.zeros(3 * PAGE);
          w.u64(3 * PAGE | 0x822);
          w.u32(5);
          w.u8(0);
          w.u64(2 * PAGE | 0x828);
          w.u32(7);
        });
    try (Inspection stream = inspect(out)) {
      RamTally.Block block = stream.outline().ram().blocks().iterator().next();
      assertThat(List.of(block.zero(), block.normal())).containsExactly(5L, 3L);
      assertThat(stream.outline().broken().orElseThrow().reason())
          .contains("a run of 1 to 6 pages, zero or whole, in pc.ram")
          .contains("7");
    }
  }

  /** QEMU ends a round in the middle of a block when it has used up its bandwidth. */
  @Test
  void aBlockIsContinuedInTheNextSection() throws Exception {
    WireWriter out = beginning();
    section(out, ram(StreamFormat.SECTION_START), w -> ramList(w, "pc.ram", 8 * PAGE));
    for (int i = 0; i < 2; i++) {
      boolean named = i == 0;
      section(
          out,
          SectionHeader.continuing(StreamFormat.SECTION_PART, 2),
          w -> {
            w.u64(named ? 0x02 : PAGE | 0x22);
            if (named) {
              w.counted("pc.ram");
            }
            w.u8(0);
            w.u64(0x10);
          });
    }
    out.u8(StreamFormat.EOF);
    try (Inspection stream = inspect(out)) {
      assertThat(stream.outline().broken()).isEmpty();
      assertThat(stream.outline().ram().blocks().iterator().next().zero()).isEqualTo(2);
    }
  }

  @Test
  void commandsOfQemuAndOursAreNamed() throws Exception {
    WireWriter out = beginning();
    command(out, 1, w -> {});
    command(out, 2, w -> w.u32(0x484f5602));
    command(out, 11, w -> {});
    out.u8(StreamFormat.COMMAND);
    out.u16(0x4876);
    out.u16(5);
    out.u8(2);
    out.u32(9);
    out.u16(3);
    out.u32(7);
    out.zeros(3);
    out.u8(StreamFormat.EOF);
    try (Inspection stream = inspect(out)) {
      List<String> said =
          stream.outline().items().stream()
              .filter(StreamItem.Command.class::isInstance)
              .map(c -> ((StreamItem.Command) c).name() + " " + ((StreamItem.Command) c).detail())
              .toList();
      assertThat(said)
          .containsExactly(
              "OPEN_RETURN_PATH ",
              "PING 0x484f5602: asks for an agreement, protocol version 2",
              "SWITCHOVER_START ",
              "HANDOVER EARLY, 9 B: section 3 of the offer, sequence 7");
      assertThat(stream.outline().broken()).isEmpty();
    }
  }

  private static void command(WireWriter out, int command, Consumer<WireWriter> payload) {
    WireWriter body = new WireWriter();
    payload.accept(body);
    out.u8(StreamFormat.COMMAND);
    out.u16(command);
    out.u16(body.length());
    out.bytes(body.toByteArray());
  }

  @Test
  void aPayloadOfUnknownLengthReachesToItsFooter() throws Exception {
    WireWriter out = beginning();
    SectionHeader first = new SectionHeader(StreamFormat.SECTION_FULL, 7, "vfio", 0, 1);
    section(
        out,
        first,
        w -> {
          w.zeros(100);
          first.writeFooter(w); // Looks like its end, but nothing that could follow does.
          w.zeros(2 << 20);
        });
    section(out, new SectionHeader(StreamFormat.SECTION_FULL, 8, "next", 0, 1), w -> w.u8(1));
    out.u8(StreamFormat.EOF);
    try (Inspection stream = inspect(out)) {
      assertThat(stream.outline().broken()).isEmpty();
      assertThat(stream.outline().sections())
          .extracting(StreamItem.Section::payloadBytes)
          .containsExactly(100L + 5 + (2 << 20), 1L);
    }
  }

  @Test
  void roundsOfOneSectionAreOneItem() throws Exception {
    WireWriter out = beginning();
    section(out, ram(StreamFormat.SECTION_START), w -> ramList(w, "pc.ram", PAGE));
    for (int i = 0; i < 100; i++) {
      section(out, SectionHeader.continuing(StreamFormat.SECTION_PART, 2), w -> w.u64(0x10));
    }
    out.u8(StreamFormat.EOF);
    try (Inspection stream = inspect(out)) {
      assertThat(stream.outline().sections()).hasSize(2);
      assertThat(stream.outline().sections().get(1).parts()).isEqualTo(100);
    }
  }

  /** Two sizes of guest cost the same memory, but for what the parts list of a larger one takes. */
  @Test
  void aLargeStreamTakesNoMoreMemoryThanASmallOne() throws Exception {
    long small = allocated(1 << 12);
    long large = allocated(1 << 18);
    assertThat(large)
        .as("a stream of 1 GiB, against 16 MiB: %d", small)
        .isLessThan(small + (1 << 20));
  }

  private static long allocated(int pages) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try (Inspection stream = Inspection.of(new ManyPages(pages))) {
      assertThat(stream.outline().broken()).isEmpty();
      assertThat(stream.outline().ram().blocks().iterator().next().normal()).isEqualTo(pages);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** A guest of whole pages, made up as it is read. */
  private static final class ManyPages implements ReadableByteChannel {
    private final int pages;
    private final ByteBuffer piece = ByteBuffer.allocateDirect(PAGE + 64);
    private int next = -1;

    ManyPages(int pages) {
      this.pages = pages;
      WireWriter out = beginning();
      section(out, ram(StreamFormat.SECTION_START), w -> ramList(w, "r", (long) pages * PAGE));
      SectionHeader.continuing(StreamFormat.SECTION_PART, 2).write(out);
      piece.put(out.toByteArray()).flip();
    }

    @Override
    public int read(ByteBuffer into) {
      int before = into.position();
      while (into.hasRemaining() && (piece.hasRemaining() || more())) {
        int count = Math.min(piece.remaining(), into.remaining());
        into.put(into.position(), piece, piece.position(), count);
        into.position(into.position() + count);
        piece.position(piece.position() + count);
      }
      return into.position() == before ? -1 : into.position() - before;
    }

    private boolean more() {
      if (++next > pages) {
        return false;
      }
      piece.clear();
      if (next == pages) {
        piece.putLong(0x10).put((byte) 0x7e).putInt(2).put((byte) 0).flip();
        return true;
      }
      piece.putLong((long) next * PAGE | (next == 0 ? 0x08 : 0x28));
      if (next == 0) {
        piece.put((byte) 1).put((byte) 'r');
      }
      piece.limit(piece.position() + PAGE).position(0);
      return true;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
