package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.lab.SerialConsole;
import handover.monitor.client.MigrationOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kernel on two harts with a disk and a network: booted once, used, moved while it works,
 * powered off. The steps build on each other.
 */
@Tag("guest")
@TestMethodOrder(OrderAnnotation.class)
class LinuxGuestTest {
  private static final List<String> HARDWARE =
      List.of(
          "-m",
          "256",
          "-smp",
          "2",
          "-device",
          "virtio-net-device,netdev=n0,iterative-mig=on",
          "-device",
          "virtio-blk-device,drive=d0",
          "-device",
          "virtio-rng-device",
          "-device",
          "virtio-serial-device",
          "-device",
          "virtconsole,chardev=c0");

  @TempDir static Path folder;

  private static LinuxSession guest;
  private static String checksum;

  @BeforeAll
  static void boot() throws Exception {
    guest = new LinuxSession(folder, HARDWARE);
  }

  @AfterAll
  static void tidy() throws Exception {
    if (guest != null) {
      guest.close();
    }
  }

  @Test
  @Order(1)
  void runsOnTwoHarts() throws Exception {
    assertThat(guest.shell("uname -m; nproc")).contains("riscv64").contains("2");
  }

  @Test
  @Order(2)
  void answersOnTheNetwork() throws Exception {
    guest.answers(50);
    assertThat(guest.shell("ping -c 3 -w 30 10.0.2.2")).contains("0% packet loss");
  }

  @Test
  @Order(3)
  void mountsItsDiskAndKeepsWhatItWrote() throws Exception {
    checksum = guest.fileOnDisk();
  }

  @Test
  @Order(4)
  void survivesLoadOnBothHarts() throws Exception {
    String load =
        "for i in 1 2 3 4; do (dd if=/dev/zero bs=1k count=2048 2>/dev/null | gzip -1 | gunzip |"
            + " sha256sum | cut -c1-16) & done; wait; dmesg | grep -c -E 'Oops|BUG|WARNING'";
    String printed = guest.shell(load);
    String expected =
        guest.shell("dd if=/dev/zero bs=1k count=2048 2>/dev/null | sha256sum | cut -c1-16");
    String sum = last("[0-9a-f]{16}", expected);
    assertThat(Pattern.compile(sum).matcher(printed).results().count()).as(printed).isEqualTo(4);
    assertThat(printed.strip()).endsWith("0");
  }

  @Test
  @Order(5)
  void talksOverVirtioConsole() throws Exception {
    assertTalks("first");
  }

  @Test
  @Order(6)
  void movesWithAProcessAsleepAndAFileOpen() throws Exception {
    // However long the move takes, it moves asleep and goes on only where the guest is then.
    guest.shell(
        "(while [ ! -e /tmp/moved ]; do sleep 1; done; sha256sum </mnt/file >/tmp/later;"
            + " echo AWAKE=$((6*7))) & true");
    MigrationOutcome outcome = guest.move("second");
    guest.shell("touch /tmp/moved");
    assertThat(DeviceTable.of(outcome.source().orElseThrow()).rows())
        .filteredOn(row -> row.text("id").orElse("").startsWith("virtio-mmio@"))
        .as("network, disk, entropy and console went early")
        .hasSize(4)
        .allMatch(row -> row.flag("iterative").orElse(false));
    assertThat(
            guest.current().console().await(Pattern.compile("AWAKE=42"), 0, LinuxSession.COMMAND))
        .as("the sleeper wakes here; printed: %s", guest.current().console().since(0))
        .isPresent();
    assertThat(guest.shell("cat /tmp/later; nproc")).contains(checksum).contains("2");
    guest.answers(50);
  }

  @Test
  @Order(7)
  void talksOverVirtioConsoleWhereItIsNow() throws Exception {
    assertTalks("second");
  }

  @Test
  @Order(8)
  void powersOff() throws Exception {
    guest.powerOff();
  }

  /** Something said by the guest is heard at the console's far end, and the other way round. */
  private static void assertTalks(String host) throws IOException, InterruptedException {
    try (SerialConsole far = SerialConsole.connect(folder.resolve(host + ".hvc"))) {
      String unused =
          guest.shell("head -n 1 </dev/hvc0 >/tmp/heard & echo out-$((6*7)) >/dev/hvc0");
      assertThat(far.await(Pattern.compile("out-42"), 0, LinuxSession.COMMAND))
          .as("heard: %s", far.since(0))
          .isPresent();
      far.type("in-" + host + "\n");
      assertThat(guest.shell("wait; cat /tmp/heard")).contains("in-" + host);
    }
  }

  private static String last(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .reduce((a, b) -> b)
        .orElseThrow(() -> new AssertionError("no " + pattern + " in: " + text))
        .group();
  }
}
