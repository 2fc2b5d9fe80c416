package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationOutcome;
import handover.monitor.json.Json;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel finds its devices on PCI, uses them, and moves with them, iteratively. */
@Tag("guest")
class LinuxPciGuestTest {
  private static final List<String> HARDWARE =
      List.of(
          "-m",
          "192",
          "-device",
          "virtio-net-pci,netdev=n0,iterative-mig=on,addr=3.0,multifunction=on",
          "-device",
          "virtio-blk-pci,drive=d0,iterative-mig=on,disable-legacy=on",
          "-device",
          "virtio-rng-pci,addr=3.1,iterative-mig=on");

  @TempDir Path folder;

  @Test
  void usesItsPciDevicesAndMovesWithThem() throws Exception {
    try (LinuxSession guest = new LinuxSession(folder, HARDWARE)) {
      findsItsDevices(guest);
      guest.answers(50);
      String checksum = guest.fileOnDisk();
      MigrationOutcome outcome = guest.move("second");
      Json.Obj source = outcome.source().orElseThrow();
      for (String device : List.of("virtio-net", "virtio-blk", "virtio-rng")) {
        assertThat(DeviceTable.of(source).iterative(device)).as(device).isTrue();
      }
      guest.answers(50);
      assertThat(guest.shell("echo 3 >/proc/sys/vm/drop_caches; sha256sum </mnt/file"))
          .contains(checksum);
      guest.move("third");
      guest.answers(50);
      guest.powerOff();
    }
  }

  private static void findsItsDevices(LinuxSession guest) throws Exception {
    assertThat(
            guest.shell("cd /sys/bus/pci/devices; for d in *; do echo $d $(cat $d/device); done"))
        .contains("0000:00:00.0 0x0008")
        .contains("0000:00:01.0 0x1042")
        .contains("0000:00:03.0 0x1000")
        .contains("0000:00:03.1 0x1005");
    assertThat(
            guest.shell("ls -l /sys/class/net/eth0/device/.. /sys/bus/virtio/drivers/virtio_net"))
        .contains("pci0000:00");
    assertThat(guest.shell("grep virtio /proc/interrupts")).contains("PLIC");
  }
}
