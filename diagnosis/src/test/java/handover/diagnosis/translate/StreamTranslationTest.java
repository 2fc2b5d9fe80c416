package handover.diagnosis.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.diagnosis.stream.FieldValue;
import handover.diagnosis.stream.Inspection;
import handover.diagnosis.stream.QemuStreams;
import handover.diagnosis.stream.RamTally;
import handover.diagnosis.stream.StreamCursor;
import handover.diagnosis.stream.StreamItem;
import handover.vmstate.Configuration;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of the host's own QEMU (7.2), there and back; and what cannot be translated. */
final class StreamTranslationTest {
  private static final String PCI =
      QemuStreams.VIRT
          + " -smp 2 -cpu rv64,h=off,sstc=off,zba=off,zbb=off,zbc=off,zbs=off -netdev hubport,hubid=0,id=n0 -device virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:aa:bb:cc"
          + " -device virtio-rng-pci";

  private static byte[] translate(byte[] stream, QemuRelease release) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StreamTranslation.Summary done =
        StreamTranslation.run(
            StreamCursor.ofPipe(Channels.newChannel(new ByteArrayInputStream(stream))),
            Channels.newChannel(out),
            release,
            false);
    assertThat(done.bytesWritten()).isEqualTo(out.size());
    return out.toByteArray();
  }

  private static byte[] stream(String machine) throws Exception {
    return Files.readAllBytes(QemuStreams.of(machine));
  }

  private static Inspection inspect(byte[] stream) throws Exception {
    return Inspection.of(Channels.newChannel(new ByteArrayInputStream(stream)));
  }

  /** Section label → version and decoded fields, without offsets. */
  private static Map<String, String> fields(byte[] stream) throws Exception {
    Map<String, String> all = new LinkedHashMap<>();
    try (Inspection inspection = inspect(stream)) {
      assertThat(inspection.outline().broken()).isEmpty();
      for (StreamItem.Section section : inspection.outline().sections()) {
        Inspection.Content content = inspection.content(section);
        assertThat(content.problem()).as(section.label()).isEmpty();
        StringBuilder text = new StringBuilder("version " + section.header().version());
        content.values().forEach(value -> append(text, value));
        all.merge(section.label(), text.toString(), String::concat);
      }
    }
    return all;
  }

  /** Section label → version and every byte, of devices. */
  private static Map<String, String> payloads(byte[] stream) throws Exception {
    Map<String, String> all = new LinkedHashMap<>();
    try (Inspection inspection = inspect(stream)) {
      for (StreamItem.Section section : inspection.outline().sections()) {
        if (section.header().type() == StreamFormat.SECTION_FULL) {
          int from = (int) section.payload();
          String bytes =
              HexFormat.of().formatHex(stream, from, from + (int) section.payloadBytes());
          all.put(section.label(), section.header().version() + ": " + bytes);
        }
      }
    }
    return all;
  }

  private static void append(StringBuilder text, FieldValue value) {
    text.append('\n').append(value.name()).append('=').append(value.value());
    value.parts().forEach(part -> append(text, part));
  }

  private static Map<String, List<Long>> memory(byte[] stream) throws Exception {
    Map<String, List<Long>> all = new LinkedHashMap<>();
    try (Inspection inspection = inspect(stream)) {
      for (RamTally.Block block : inspection.outline().ram().blocks()) {
        all.put(block.name(), List.of(block.size(), block.zero(), block.normal()));
      }
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource(QemuRelease.class)
  void thereAndBackIsTheSame(QemuRelease release) throws Exception {
    byte[] original = stream(PCI);
    byte[] there = translate(original, release);
    byte[] back = translate(there, QemuRelease.QEMU_7_2);
    assertThat(payloads(back)).isEqualTo(payloads(original));
    assertThat(memory(back)).isEqualTo(memory(original));
    assertThat(memory(there)).isEqualTo(memory(original));
  }

  @ParameterizedTest
  @ValueSource(strings = {"aplic", "aplic-imsic"})
  void theAdvancedInterruptArchitectureComesAlong(String aia) throws Exception {
    // QEMU 7.2 leaves the state of sources that nobody has set up as it finds it in memory.
    byte[] original =
        translate(stream(PCI.replace("-M virt", "-M virt,aia=" + aia)), QemuRelease.QEMU_10_0);
    byte[] there = translate(original, QemuRelease.QEMU_11_1);
    assertThat(fields(there).get("riscv_aplic")).startsWith("version 3\n").contains("sourcecfg");
    assertThat(fields(there).containsKey("riscv_imsic#3")).isEqualTo(aia.equals("aplic-imsic"));
    assertThat(payloads(translate(there, QemuRelease.QEMU_10_0))).isEqualTo(payloads(original));
  }

  @Test
  void interruptFilesDoNotGoWhereTheyWouldStandStill() throws Exception {
    byte[] original = stream(PCI.replace("-M virt", "-M virt,aia=aplic-imsic"));
    assertThatThrownBy(() -> translate(original, QemuRelease.QEMU_7_2))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("aia=aplic-imsic")
        .hasMessageContaining("qemu-7.2");
  }

  @Test
  void sectionsHaveTheVersionsOfTheReleaseTheyAreFor() throws Exception {
    byte[] original = stream(PCI);
    assertThat(fields(original).get("cpu#1")).startsWith("version 5\n");
    Map<String, String> newest = fields(translate(original, QemuRelease.QEMU_11_1));
    assertThat(newest.get("cpu#1")).startsWith("version 12\n").contains("env.mhartid=1");
    assertThat(newest.get("riscv_mtimer")).startsWith("version 3\n").contains("timers=-1*2");
    assertThat(newest.get("globalstate")).contains("runstate=\"prelaunch\"");
    assertThat(newest).containsKey("virt_acpi_build");
    Map<String, String> middle = fields(translate(original, QemuRelease.QEMU_10_0));
    assertThat(middle.get("cpu")).startsWith("version 10\n");
    assertThat(middle.get("fw_cfg")).contains("fw_cfg/acpi_mr");
  }

  @Test
  void anotherArchitectureIsNamed() throws Exception {
    byte[] original = stream(QemuStreams.PC);
    assertThatThrownBy(() -> translate(original, QemuRelease.QEMU_11_1))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("expected the machine 'virt' of RISC-V")
        .hasMessageContaining("found 'pc-i440fx-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"slirp", "virtio-balloon"})
  void unknownDevicesAreNamed(String device) throws Exception {
    String machine =
        device.equals("slirp") ? QemuStreams.NET : QemuStreams.VIRT + " -device virtio-balloon-pci";
    byte[] original = stream(machine);
    assertThatThrownBy(() -> translate(original, QemuRelease.QEMU_10_0))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining(device)
        .hasMessageContaining("is of a device whose state is not known here")
        .hasMessageContaining("qemu-10.0");
  }

  @Test
  void anOtherMachineOfTheSameNameIsNamedByItsMemory() {
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    ram(out, StreamFormat.SECTION_START, () -> blocks(out, Map.of("mach-virt.ram", 8192L)));
    assertThatThrownBy(() -> translate(out.toByteArray(), QemuRelease.QEMU_10_0))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("riscv_virt_board.ram")
        .hasMessageContaining("another machine's: mach-virt.ram");
  }

  /** At any byte: in words, and never as if it were whole. */
  @Test
  void aCutStreamIsNoStream() throws Exception {
    byte[] original = stream(PCI);
    int end = (int) stateEnd(QemuStreams.of(PCI));
    int step = Math.max(1, end / 400);
    for (int length = 0; length < end; length += step) {
      byte[] cut = Arrays.copyOf(original, length);
      assertThatThrownBy(() -> translate(cut, QemuRelease.QEMU_10_0))
          .as("%d of %d bytes", length, original.length)
          .isInstanceOf(StreamException.class)
          .hasMessageMatching("(?s).*(end|expected).*");
    }
  }

  private static long stateEnd(Path file) throws Exception {
    try (Inspection inspection = Inspection.of(file)) {
      return inspection.outline().items().stream()
          .filter(StreamItem.End.class::isInstance)
          .findFirst()
          .orElseThrow()
          .offset();
    }
  }

  /** A page that goes on with a block that was left out has to name its own again. */
  @Test
  void blocksThatAReleaseHasNotAreLeftOutPageByPage() throws Exception {
    byte[] original = stream(PCI);
    byte[] wider = withAcpiBlock(original);
    assertThat(memory(wider)).containsKey("/rom@etc/acpi/rsdp");
    byte[] narrow = translate(wider, QemuRelease.QEMU_7_2);
    assertThat(memory(narrow)).doesNotContainKey("/rom@etc/acpi/rsdp");
    assertThat(memory(narrow).get("riscv_virt_board.ram"))
        .isEqualTo(List.of(64L << 20, 16384L, 2L));
  }

  /** The same devices behind memory made up here: pages of two blocks in turn. */
  private static byte[] withAcpiBlock(byte[] original) throws Exception {
    String main = "riscv_virt_board.ram";
    String acpi = "/rom@etc/acpi/rsdp";
    Map<String, Long> sizes = new LinkedHashMap<>();
    sizes.put(main, 64L << 20);
    sizes.put(acpi, 4096L);
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    ram(out, StreamFormat.SECTION_START, () -> blocks(out, sizes));
    ram(
        out,
        StreamFormat.SECTION_PART,
        () -> {
          for (long page = 0; page < 16384; page++) {
            out.u64(page << 12 | (page == 0 ? 0x02 : 0x22));
            if (page == 0) {
              out.counted(main);
            }
            out.u8(0);
          }
          page(out, acpi, 0);
          page(out, main, 4096);
          page(out, "", 8192);
          page(out, acpi, 0);
        });
    ram(out, StreamFormat.SECTION_END, () -> {});
    try (Inspection inspection = inspect(original)) {
      for (StreamItem.Section section : inspection.outline().sections()) {
        if (section.header().type() == StreamFormat.SECTION_FULL) {
          out.bytes(original, (int) section.offset(), (int) section.bytes());
        }
      }
    }
    out.u8(StreamFormat.EOF);
    return out.toByteArray();
  }

  private static void page(WireWriter out, String block, long offset) {
    out.u64(offset | 0x08 | (block.isEmpty() ? 0x20 : 0));
    if (!block.isEmpty()) {
      out.counted(block);
    }
    byte[] content = new byte[4096];
    Arrays.fill(content, (byte) 7);
    out.bytes(content);
  }

  private static void ram(WireWriter out, int type, Runnable records) {
    SectionHeader header = new SectionHeader(type, 2, "ram", 0, 4);
    header.write(out);
    records.run();
    out.u64(0x10);
    header.writeFooter(out);
  }

  private static void blocks(WireWriter out, Map<String, Long> sizes) {
    out.u64(sizes.values().stream().mapToLong(Long::longValue).sum() | 0x04);
    sizes.forEach(
        (name, size) -> {
          out.counted(name);
          out.u64(size);
        });
  }
}
