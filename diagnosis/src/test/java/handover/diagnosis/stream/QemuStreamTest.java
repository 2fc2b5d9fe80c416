package handover.diagnosis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real QEMUs of two architectures write, taken apart. */
final class QemuStreamTest {
  @ParameterizedTest
  @ValueSource(strings = {QemuStreams.NET, QemuStreams.MMIO, QemuStreams.PC})
  void everyByteIsAccountedFor(String machine) throws Exception {
    Path file = QemuStreams.of(machine);
    try (Inspection stream = Inspection.of(file)) {
      StreamOutline outline = stream.outline();
      assertThat(outline.broken()).isEmpty();
      assertThat(outline.end()).isEqualTo(Files.size(file));
      List<StreamItem> items = outline.items();
      for (int i = 1; i < items.size(); i++) {
        StreamItem before = items.get(i - 1);
        assertThat(items.get(i).offset()).isEqualTo(before.offset() + before.bytes());
      }
      assertThat(items.getLast().offset() + items.getLast().bytes()).isEqualTo(outline.end());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {QemuStreams.NET, QemuStreams.MMIO, QemuStreams.PC})
  void everySectionIsDecodedToItsLastByte(String machine) throws Exception {
    try (Inspection stream = Inspection.of(QemuStreams.of(machine))) {
      for (StreamItem.Section section : stream.outline().sections()) {
        Inspection.Content content = stream.content(section);
        assertThat(content.problem()).as(section.label()).isEmpty();
        if (!section.header().name().equals("ram")) {
          long bytes = content.values().stream().mapToLong(FieldValue::bytes).sum();
          assertThat(bytes).as(section.label()).isEqualTo(section.payloadBytes());
          assertThat(content.values()).noneMatch(v -> v.name().equals("not decoded"));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {QemuStreams.NET, QemuStreams.MMIO, QemuStreams.PC})
  void aPipeTellsTheSameAsAFile(String machine) throws Exception {
    Path file = QemuStreams.of(machine);
    try (Inspection seekable = Inspection.of(file);
        Inspection once = Inspection.of(Channels.newChannel(Files.newInputStream(file)))) {
      assertThat(json(once)).isEqualTo(json(seekable));
      assertThat(text(once)).isEqualTo(text(seekable));
    }
  }

  /** Nothing ran, so every page was sent exactly once. */
  @ParameterizedTest
  @ValueSource(strings = {QemuStreams.NET, QemuStreams.MMIO, QemuStreams.PC})
  void everyPageIsCounted(String machine) throws Exception {
    try (Inspection stream = Inspection.of(QemuStreams.of(machine))) {
      assertThat(stream.outline().ram().blocks()).isNotEmpty();
      for (RamTally.Block block : stream.outline().ram().blocks()) {
        assertThat(block.zero() + block.normal())
            .as(block.name())
            .isEqualTo(block.size() / stream.outline().ram().pageSize());
      }
    }
  }

  @Test
  void fieldsAreReadByName() throws Exception {
    try (Inspection stream = Inspection.of(QemuStreams.of(QemuStreams.NET))) {
      assertThat(stream.outline().configuration().orElseThrow().machine()).isEqualTo("virt");
      assertThat(value(stream, "0000:00:01.0/virtio-net", "mac")).isEqualTo("52:54:00:aa:bb:cc");
      assertThat(value(stream, "0000:00:01.0/virtio-net", "queues")).isEqualTo("3");
      assertThat(value(stream, "0000:00:01.0/virtio-net", "config")).isEqualTo("1af4:1000");
      assertThat(value(stream, "globalstate", "runstate")).startsWith("\"prelaunch\"");
      assertThat(value(stream, "cpu", "env.mhartid")).isEqualTo("0");
      assertThat(value(stream, "PCIBUS", "nirq")).isEqualTo("4");
    }
  }

  @Test
  void theTextNamesWhatMatters() throws Exception {
    try (Inspection stream = Inspection.of(QemuStreams.of(QemuStreams.PC))) {
      assertThat(text(stream))
          .contains("machine pc-i440fx-")
          .contains("FULL  0000:00:02.0/vga version 2")
          .contains("pc.ram")
          .contains("Complete: ");
    }
  }

  @Test
  void aCutStreamSaysWhereItBreaksAndKeepsWhatIsWhole() throws Exception {
    byte[] whole = Files.readAllBytes(QemuStreams.of(QemuStreams.NET));
    List<StreamItem> items;
    try (Inspection stream = Inspection.of(QemuStreams.of(QemuStreams.NET))) {
      items = stream.outline().items();
    }
    for (StreamItem item : items) {
      for (long cut : List.of(item.offset(), item.offset() + (item.bytes() + 1) / 2)) {
        cutAt(whole, items, (int) cut);
      }
    }
  }

  private static void cutAt(byte[] whole, List<StreamItem> items, int cut) throws Exception {
    Path file = Files.createTempFile(Path.of("target"), "cut", "");
    Files.write(file, java.util.Arrays.copyOf(whole, cut));
    List<StreamItem> intact = items.stream().filter(i -> i.offset() + i.bytes() <= cut).toList();
    try (Inspection stream = Inspection.of(file)) {
      assertThat(stream.outline().items()).as("cut at %d", cut).isEqualTo(intact);
      boolean stateIsWhole = !intact.isEmpty() && intact.getLast() instanceof StreamItem.End;
      assertThat(stream.outline().broken().isPresent())
          .as("cut at %d", cut)
          .isEqualTo(!stateIsWhole || cut > intact.getLast().offset() + 1);
      stream.outline().broken().ifPresent(b -> assertThat(b.offset()).isLessThanOrEqualTo(cut));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void damageInARamRecordIsFoundWhereItIs() throws Exception {
    byte[] bytes = Files.readAllBytes(QemuStreams.of(QemuStreams.NET));
    Path file = Files.createTempFile(Path.of("target"), "damaged", "");
    try (Inspection stream = Inspection.of(QemuStreams.of(QemuStreams.NET))) {
      StreamItem.Section part = stream.outline().sections().get(1);
      bytes[(int) part.payload() + 7] = (byte) 0x81;
      Files.write(file, bytes);
      try (Inspection damaged = Inspection.of(file)) {
        StreamOutline.Break broken = damaged.outline().broken().orElseThrow();
        assertThat(broken.offset()).isEqualTo(part.payload() + 8);
        assertThat(broken.inside()).isEqualTo("section 'ram'");
      }
    } finally {
      Files.delete(file);
    }
  }

  private static String value(Inspection stream, String section, String field) throws Exception {
    StreamItem.Section found = stream.outline().section(section).orElseThrow();
    return stream.content(found).values().stream()
        .filter(v -> v.name().equals(field))
        .findFirst()
        .map(FieldValue::value)
        .orElseThrow();
  }

  private static Json.Obj json(Inspection stream) throws Exception {
    StringWriter text = new StringWriter();
    JsonReport.print(stream, new PrintWriter(text));
    return (Json.Obj) JsonText.parse(text.toString());
  }

  private static String text(Inspection stream) throws Exception {
    StringWriter text = new StringWriter();
    TextReport.print(stream, new PrintWriter(text), true);
    return text.toString();
  }
}
