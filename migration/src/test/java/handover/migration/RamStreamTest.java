package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Memory through a stream in QEMU's form and in our own, cut into pieces anywhere. */
class RamStreamTest {
  private static final int PAGES = 300;
  private static final int CAPACITY = 256 << 10;

  private final List<RamBlock> source = blocks();
  private final List<RamBlock> destination = blocks();

  private static List<RamBlock> blocks() {
    return List.of(
        new RamBlock("one", HostMapping.allocate("one", (long) PAGES * RamFormat.PAGE)),
        new RamBlock("other", HostMapping.allocate("other", 70L * RamFormat.PAGE)));
  }

  /** Rows of pages of one kind each: never touched, zero after all, full, one byte at the end. */
  private static void fill(RamBlock block, Random random) {
    long pages = block.size() / RamFormat.PAGE;
    for (long page = 0; page < pages; ) {
      long row = Math.min(pages - page, 1 + random.nextInt(random.nextBoolean() ? 3 : 90));
      MemorySegment memory = block.segment().asSlice(page * RamFormat.PAGE, row * RamFormat.PAGE);
      boolean written = true;
      switch (random.nextInt(4)) {
        case 0 -> written = false;
        case 1 -> memory.fill((byte) 0);
        case 2 -> {
          for (long at = 0; at < memory.byteSize(); at += 8) {
            memory.set(ValueLayout.JAVA_LONG, at, random.nextLong());
          }
        }
        default -> {
          for (long at = RamFormat.PAGE; at <= memory.byteSize(); at += RamFormat.PAGE) {
            memory.set(ValueLayout.JAVA_BYTE, at - 1, (byte) 1);
          }
        }
      }
      if (written) {
        block.dirtyLog().mark(page * RamFormat.PAGE, row * RamFormat.PAGE);
      }
      page += row;
    }
  }

  private void fillFirst() {
    RamBlock block = source.get(0);
    block.segment().fill((byte) 5);
    block.dirtyLog().mark(0, block.size());
  }

  private byte[] saved(boolean inRuns) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StreamOutput out =
        new StreamOutput(
            from -> {
              byte[] some = new byte[from.remaining()];
              from.get(some);
              bytes.writeBytes(some);
              return some.length;
            },
            CAPACITY);
    RamSaver saver = new RamSaver(source, out, 1);
    if (inRuns) {
      saver.inRuns();
    }
    saver.sendSetup();
    for (int i = 0; i < source.size(); i++) {
      source.get(i).dirtyLog().start();
      source.get(i).dirtyLog().collect(saver.dirty()[i]);
    }
    saver.beginRound();
    while (saver.sendPart(200_000)) {
      assertThat(saver.remainingPages()).isPositive();
    }
    saver.sendEnd();
    out.flush();
    assertThat(saver.zeroPages() + saver.normalPages()).isEqualTo(PAGES + 70);
    return bytes.toByteArray();
  }

  private void load(byte[] stream, boolean inRuns, Random random) {
    ByteBuffer left = ByteBuffer.wrap(stream);
    StreamInput in =
        new StreamInput(
            into -> {
              if (!left.hasRemaining()) {
                return -1;
              }
              int longest = Math.min(left.remaining(), into.remaining());
              int count = Math.min(longest, 1 + random.nextInt(100_000));
              into.put(left.slice(left.position(), count));
              left.position(left.position() + count);
              return count;
            },
            CAPACITY);
    WireReader reader = new WireReader(in);
    RamLoader loader = new RamLoader(destination, Set.of(), in, reader);
    if (inRuns) {
      loader.inRuns();
    }
    while (left.hasRemaining() || in.position() < stream.length) {
      SectionHeader header = SectionHeader.read(reader.u8(), reader);
      loader.load();
      header.readFooter(reader);
      assertThat(reader.position()).isEqualTo(in.position());
    }
  }

  @Property(tries = 40)
  void memoryArrivesAsItWas(@ForAll long seed, @ForAll boolean inRuns) {
    Random random = new Random(seed);
    source.forEach(block -> fill(block, random));
    destination.forEach(block -> fill(block, random));
    load(saved(inRuns), inRuns, random);
    for (int i = 0; i < source.size(); i++) {
      assertThat(destination.get(i).segment().mismatch(source.get(i).segment()))
          .as(source.get(i).name())
          .isEqualTo(-1);
    }
  }

  @Test
  void runsAreForHandoversOnly() {
    fillFirst();
    byte[] stream = saved(true);
    assertThat(stream.length).isLessThan(saved(false).length);
    assertThatThrownBy(() -> load(stream, false, new Random(1)))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("plain RAM pages")
        .hasMessageContaining("record flags 0x808");
    assertThat(destination.get(0).segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
  }

  @Test
  void runsEndWithTheirBlock() {
    fillFirst();
    byte[] stream = saved(true);
    int count =
        new String(stream, StandardCharsets.ISO_8859_1)
                .indexOf("\010\010\003one\0\0\0\100") // Flags 0x808, the name, 64 pages.
            + 6;
    for (int wrong : new int[] {0, PAGES + 1, -1, 1 << 20}) {
      ByteBuffer.wrap(stream).putInt(count, wrong);
      assertThatThrownBy(() -> load(stream, true, new Random(1)))
          .isInstanceOf(StreamException.class)
          .hasMessageContaining("a run of 1 to 300 pages at 0x0 of block one")
          .hasMessageContaining(Integer.toUnsignedString(wrong));
    }
    assertThat(destination.get(0).segment().get(ValueLayout.JAVA_LONG, 0)).isZero();
  }
}
