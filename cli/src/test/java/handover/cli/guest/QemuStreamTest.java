package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.guest.PulseImage;
import handover.lab.VmProcess;
import handover.monitor.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A stream that a real QEMU writes here and now is read by us and, without the guest having run,
 * written again: the same sections in the same order, the same fields, the same bytes.
 */
@Tag("guest")
class QemuStreamTest {
  /** What is not equal, each with its reason. */
  private static final Map<String, String> TOLERATED =
      Map.of(
          "riscv_mtimer#0 v3 timers", "a deadline is kept between two ticks there, on one here",
          "timer#0 v2 cpu_ticks_offset", "the host's cycle counter, which no RISC-V guest sees",
          "cpu#0 v5 env.mip", "MTIP: tells QEMU that there is a timer to arm",
          "cpu#0 v10 env.mip", "the same",
          "cpu_common#0 v1 interrupt_request", "the same",
          "cpu#0 v5 env.pmu_ctrs[0].mhpmcounter_val", "cycles are counted by us, not by the host",
          "cpu#0 v10 env.pmu_ctrs[0].mhpmcounter_val", "the same",
          "cpu#0 v12 env.pmu_ctrs[0].mhpmcounter_val", "the same");

  /** The wall clock goes on; and here the guest is paused, where it ran there. */
  private static final Set<String> MEANT =
      Set.of(
          "goldfish_rtc#0 v3 tick_offset",
          "goldfish_rtc#0 v3 tick_offset_vmstate",
          "globalstate#0 v1 size",
          "globalstate#0 v1 runstate");

  /** The subsection with the sizes that queues return to at a reset: 1024 of them. */
  private static final String RING_SIZES =
      "050f"
          + HexFormat.of().formatHex("virtio/ringsize".getBytes(StandardCharsets.US_ASCII))
          + "00000001[0-9a-f]{8192}";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(QemuVersion.class)
  @Timeout(120)
  void isReadAndWrittenAgainFieldForField(QemuVersion version) throws Exception {
    StringBuilder why = new StringBuilder();
    assumeTrue(version.program(why).isPresent(), why::toString);
    Path theirs = folder.resolve("theirs");
    try (Host qemu = qemu(version)) {
      qemu.ask("cont");
      qemu.awaitConsole(Pattern.compile("pulse: beat 3 "), 0);
      qemu.migrate(version.toFile(theirs));
      assertThat(qemu.awaitEnd().text("status")).contains("completed");
    }
    Path ours = folder.resolve("ours");
    try (Host here = handover(version)) {
      here.parameter("announce-rounds", 0);
      here.ask("migrate-incoming", Json.object().with("uri", "file:" + theirs).build());
      here.awaitEnd();
      here.awaitStatus("paused");
      here.migrate("file:" + ours);
      assertThat(here.awaitEnd().text("status")).as(here.describe()).contains("completed");
    }
    compare(StreamFields.of(theirs), StreamFields.of(ours));
  }

  private static void compare(
      Map<String, Map<String, String>> theirs, Map<String, Map<String, String>> ours) {
    assertThat(ours.keySet()).containsExactlyElementsOf(theirs.keySet());
    Map<String, String> differences = new LinkedHashMap<>();
    theirs.forEach(
        (section, fields) -> {
          assertThat(ours.get(section).keySet())
              .as(section)
              .containsExactlyElementsOf(fields.keySet());
          fields.forEach(
              (field, value) -> {
                String label = section + " " + field;
                String there = ours.get(section).get(field);
                if (!sameButForDefaults(value, there) && !TOLERATED.containsKey(label)) {
                  differences.put(label, value + " read, " + there + " written");
                }
              });
        });
    differences.keySet().removeAll(MEANT);
    assertThat(differences).isEmpty();
  }

  /** QEMU 10.0 and 11.1 have their own ideas of those sizes on virtio-mmio; all of them load. */
  private static boolean sameButForDefaults(String theirs, String ours) {
    return theirs.replaceAll(RING_SIZES, "").equals(ours.replaceAll(RING_SIZES, ""));
  }

  private Host qemu(QemuVersion version) throws Exception {
    List<String> program = new ArrayList<>(version.program(new StringBuilder()).orElseThrow());
    program.addAll(List.of("-M", "virt", "-cpu", version.cpu()));
    program.addAll(List.of("-global", "virtio-mmio.force-legacy=false"));
    Path image = Files.write(folder.resolve("pulse.bin"), PulseImage.bytes());
    List<String> options =
        new ArrayList<>(
            List.of("-S", "-bios", "none", "-kernel", image.toString(), "-append", "beat=50"));
    options.addAll(card("hubport,id=n,hubid=0", ""));
    return new Host("qemu", VmProcess.start(folder, "qemu", program, options));
  }

  private Host handover(QemuVersion version) throws Exception {
    List<String> options =
        new ArrayList<>(
            List.of("-M", "virt,stream=" + version.stream(), "-S", "-incoming", "defer"));
    options.addAll(
        card(
            "none,id=n",
            ",gso=on,csum=off,guest_csum=off,guest_tso4=off,guest_tso6=off,host_tso4=off,host_tso6=off"));
    return new Host("handover", VmProcess.start(folder, "handover", options));
  }

  private static List<String> card(String netdev, String more) {
    return List.of(
        "-m",
        "32",
        "-netdev",
        netdev,
        "-device",
        "virtio-net-device,netdev=n,mac=52:54:00:12:34:56" + more);
  }
}
