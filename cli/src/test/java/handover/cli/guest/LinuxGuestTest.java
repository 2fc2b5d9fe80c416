package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

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
          "virtio-rng-device");

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
  void movesWithAProcessAsleepAndAFileOpen() throws Exception {
    guest.shell("(sleep 5; sha256sum </mnt/file >/tmp/later; echo AWAKE=$((6*7))) & true");
    guest.move("second");
    assertThat(
            guest.current().console().await(Pattern.compile("AWAKE=42"), 0, LinuxSession.COMMAND))
        .as("the sleeper wakes here; printed: %s", guest.current().console().since(0))
        .isPresent();
    assertThat(guest.shell("cat /tmp/later; nproc")).contains(checksum).contains("2");
    guest.answers(50);
  }

  @Test
  @Order(6)
  void powersOff() throws Exception {
    guest.powerOff();
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
