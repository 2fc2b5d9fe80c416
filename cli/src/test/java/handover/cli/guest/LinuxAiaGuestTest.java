package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationOutcome;
import handover.monitor.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel with the advanced interrupt architecture in the PLIC's place. */
@Tag("guest")
@Timeout(480)
class LinuxAiaGuestTest {
  private static final Pattern COUNTS = Pattern.compile("(?m)^ *\\d+: +(\\d+) +(\\d+) .*virtio");

  @TempDir Path folder;

  private static List<String> hardware(String aia) {
    return List.of(
        "-M",
        "virt,aia=" + aia,
        "-smp",
        "2",
        "-m",
        "192",
        "-device",
        "virtio-net-pci,netdev=n0,iterative-mig=on",
        "-device",
        "virtio-blk-pci,drive=d0,iterative-mig=on");
  }

  /** How often virtio devices have interrupted either hart. */
  private static long interrupts(LinuxSession guest) throws Exception {
    Matcher counts = COUNTS.matcher(guest.shell("cat /proc/interrupts"));
    long sum = 0;
    while (counts.find()) {
      sum += Long.parseLong(counts.group(1)) + Long.parseLong(counts.group(2));
    }
    return sum;
  }

  @Test
  void messagesOfItsPciDevicesReachTheHartsAndMoveOn() throws Exception {
    try (LinuxSession guest = new LinuxSession(folder, hardware("aplic-imsic"))) {
      assertThat(guest.shell("grep virtio /proc/interrupts"))
          .contains("PCI-MSIX")
          .contains("virtio0-input")
          .doesNotContain("PLIC");
      assertThat(guest.shell("grep ttyS0 /proc/interrupts")).contains("APLIC-MSI");
      long before = interrupts(guest);
      guest.answers(50);
      String checksum = guest.fileOnDisk();
      long there = interrupts(guest);
      assertThat(there).isGreaterThan(before);
      MigrationOutcome outcome = guest.move("second");
      Json.Obj source = outcome.source().orElseThrow();
      for (String device : List.of("virtio-net", "virtio-blk")) {
        assertThat(DeviceTable.of(source).iterative(device)).as(device).isTrue();
      }
      guest.answers(50);
      assertThat(guest.shell("echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/file"))
          .contains(checksum);
      assertThat(interrupts(guest)).isGreaterThan(there);
      guest.powerOff();
    }
  }

  @Test
  void withoutInterruptFilesDomainsInterruptHartsOverWires() throws Exception {
    try (LinuxSession guest = new LinuxSession(folder, hardware("aplic"))) {
      assertThat(guest.shell("grep virtio /proc/interrupts")).contains("APLIC-DIRECT");
      long before = interrupts(guest);
      guest.answers(50);
      assertThat(interrupts(guest)).isGreaterThan(before);
      guest.move("second");
      guest.answers(50);
      guest.powerOff();
    }
  }
}
