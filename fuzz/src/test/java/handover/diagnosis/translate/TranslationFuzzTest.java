package handover.diagnosis.translate;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.diagnosis.stream.StreamCursor;
import handover.machine.BoardSections;
import handover.vmstate.Configuration;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole streams into the translator: another stream, or words. */
class TranslationFuzzTest {
  static Stream<byte[]> seeds() throws Exception {
    return Stream.of(stream(QemuRelease.QEMU_7_2), stream(QemuRelease.QEMU_11_1));
  }

  private static byte[] stream(QemuRelease release) throws Exception {
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    SectionHeader ram = new SectionHeader(StreamFormat.SECTION_START, 2, "ram", 0, 4);
    ram.write(out);
    out.u64(4096 | 4);
    out.counted(BoardSections.mainRam());
    out.u64(4096);
    out.u64(2);
    out.counted(BoardSections.mainRam());
    out.u8(0);
    out.u64(0x10);
    ram.writeFooter(out);
    try (BoardSections board = BoardSections.of(1, Set.of())) {
      int id = 3;
      for (Migratable<?> device : board.all()) {
        if (device.declaration().versions().at(release).isPresent()) {
          section(out, device, id++, release);
        }
      }
    }
    out.u8(StreamFormat.EOF);
    return out.toByteArray();
  }

  private static <S> void section(
      WireWriter out, Migratable<S> device, int id, QemuRelease release) {
    SectionHeader header =
        new SectionHeader(
            StreamFormat.SECTION_FULL,
            id,
            device.sectionName(),
            device.instanceId(),
            device.declaration().versionIn(release));
    header.write(out);
    device.declaration().save(device.snapshot(), out, release);
    header.writeFooter(out);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "10s")
  void translates(byte[] input) throws Exception {
    Bounds.hold(
        (64L << 20) + 64L * input.length,
        () -> {
          try {
            StreamTranslation.run(
                StreamCursor.ofPipe(Channels.newChannel(new ByteArrayInputStream(input))),
                Channels.newChannel(OutputStream.nullOutputStream()),
                QemuRelease.QEMU_10_0,
                false);
          } catch (StreamException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
  }
}
