package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.lab.Probe;
import handover.lab.ProbeSettings;
import handover.lab.VmProcess;
import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationPlan;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
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
  private static final Duration BOOT = Duration.ofMinutes(4);
  private static final Duration COMMAND = Duration.ofMinutes(2);
  private static final int DISK_BYTES = 16 << 20;

  @TempDir static Path folder;

  private static LearningSwitch hub;
  private static Netdev wire;
  private static Probe probe;
  private static LinuxGuest files;
  private static VmProcess first;
  private static VmProcess second;
  private static VmProcess current;
  private static String checksum;
  private static int marks;

  @BeforeAll
  static void boot() throws Exception {
    files = GuestCache.standard().fetch(System.out::println);
    makeDisk();
    hub = new LearningSwitch();
    hub.listen(UnixDomainSocketAddress.of(folder.resolve("hub")));
    wire =
        new Netdevs()
            .open(
                "stream",
                Map.of("id", "p", "addr.type", "unix", "addr.path", folder.resolve("hub") + ""),
                problem -> {
                  throw new AssertionError(problem);
                })
            .orElseThrow();
    probe = new Probe(wire, ProbeSettings.defaults().withPerSecond(100));
    first = VmProcess.start(folder, "first", options(false));
    current = first;
    assertThat(first.console().await(Pattern.compile(LinuxGuest.READY), 0, BOOT))
        .as("what the guest printed: %s", first.console().since(0))
        .isPresent();
  }

  @AfterAll
  static void tidy() throws Exception {
    for (AutoCloseable each : new AutoCloseable[] {first, second, probe, wire, hub}) {
      if (each != null) {
        each.close();
      }
    }
  }

  @Test
  @Order(1)
  void runsOnTwoHarts() throws Exception {
    assertThat(shell("uname -m; nproc")).contains("riscv64").contains("2");
  }

  @Test
  @Order(2)
  void answersOnTheNetwork() throws Exception {
    assertThat(probe.awaitReceived(50, COMMAND)).as("probes answered: %s", probe.report()).isTrue();
    assertThat(shell("ping -c 3 -w 30 10.0.2.2")).contains("0% packet loss");
  }

  @Test
  @Order(3)
  void mountsItsDiskAndKeepsWhatItWrote() throws Exception {
    String sums =
        shell(
            "mkdir -p /mnt && mount -t ext4 /dev/vda /mnt"
                + " && dd if=/dev/urandom of=/mnt/file bs=64k count=64 2>/dev/null"
                + " && sha256sum </mnt/file && sync && umount /mnt"
                + " && mount -t ext4 /dev/vda /mnt && sha256sum </mnt/file");
    Matcher sum = Pattern.compile("[0-9a-f]{64}").matcher(sums);
    assertThat(sum.find()).as(sums).isTrue();
    checksum = sum.group();
    assertThat(sum.find()).as(sums).isTrue();
    assertThat(sum.group()).isEqualTo(checksum);
  }

  @Test
  @Order(4)
  void survivesLoadOnBothHarts() throws Exception {
    String load =
        "for i in 1 2 3 4; do (dd if=/dev/zero bs=1k count=2048 2>/dev/null | gzip -1 | gunzip |"
            + " sha256sum | cut -c1-16) & done; wait; dmesg | grep -c -E 'Oops|BUG|WARNING'";
    String printed = shell(load);
    String expected =
        shell("dd if=/dev/zero bs=1k count=2048 2>/dev/null | sha256sum | cut -c1-16");
    String sum = last("[0-9a-f]{16}", expected);
    assertThat(Pattern.compile(sum).matcher(printed).results().count()).as(printed).isEqualTo(4);
    assertThat(printed.strip()).endsWith("0");
  }

  @Test
  @Order(5)
  void movesWithAProcessAsleepAndAFileOpen() throws Exception {
    shell("(sleep 5; sha256sum </mnt/file >/tmp/later; echo AWAKE=$((6*7))) & true");
    second = VmProcess.start(folder, "second", options(true));
    MigrationOutcome outcome =
        new MigrationDriver(
                first.qmp(),
                second.qmp(),
                MigrationPlan.to("tcp:127.0.0.1:0").withCapabilities(Map.of("x-verify-ram", true)))
            .run(progress -> {});
    assertThat(outcome.moved()).as("%s %s", outcome.words(), outcome.reasons()).isTrue();
    current = second;
    assertThat(second.console().await(Pattern.compile("AWAKE=42"), 0, COMMAND))
        .as("the sleeper wakes on the destination; printed: %s", second.console().since(0))
        .isPresent();
    assertThat(shell("cat /tmp/later; nproc")).contains(checksum).contains("2");
    assertThat(probe.awaitReceived(probe.report().received() + 50, COMMAND)).isTrue();
  }

  @Test
  @Order(6)
  void powersOff() throws Exception {
    second.console().type("sync; umount /mnt; poweroff -f\n");
    assertThat(second.process().waitFor(COMMAND.toSeconds(), TimeUnit.SECONDS))
        .as("the process ends after poweroff; printed: %s", second.console().since(0))
        .isTrue();
    assertThat(second.process().exitValue()).as(second.log()).isZero();
  }

  /** Runs a command line in the guest's shell; returns what it printed. */
  private static String shell(String command) throws IOException, InterruptedException {
    String mark = "MARK" + ++marks;
    int from = current.console().position();
    current.console().type(command + "; echo " + mark + "=$?\n");
    Pattern end = Pattern.compile("(?s)(.*)\n" + mark + "=(\\d+)");
    Matcher printed =
        current
            .console()
            .await(end, from, COMMAND)
            .orElseThrow(
                () ->
                    new AssertionError(
                        "'%s' did not end; the guest printed: %s"
                            .formatted(command, current.console().since(from))));
    return printed.group(1).replace("\r", "");
  }

  private static String last(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .reduce((a, b) -> b)
        .orElseThrow(() -> new AssertionError("no " + pattern + " in: " + text))
        .group();
  }

  private static List<String> options(boolean waits) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-m",
                "256",
                "-smp",
                "2",
                "-bios",
                files.firmware().toString(),
                "-kernel",
                files.kernel().toString(),
                "-initrd",
                files.initrd().toString(),
                "-append",
                LinuxGuest.COMMAND_LINE,
                "-netdev",
                "stream,id=n0,addr.type=unix,addr.path=" + folder.resolve("hub"),
                "-device",
                "virtio-net-device,netdev=n0,iterative-mig=on",
                "-drive",
                "id=d0,format=raw,file=" + folder.resolve("disk"),
                "-device",
                "virtio-blk-device,drive=d0",
                "-device",
                "virtio-rng-device"));
    if (waits) {
      options.addAll(List.of("-incoming", "defer"));
    }
    return options;
  }

  /** An ext4 file system made by the host's own tools. */
  private static void makeDisk() throws IOException, InterruptedException {
    Path disk = Files.write(folder.resolve("disk"), new byte[DISK_BYTES]);
    Process mke2fs =
        new ProcessBuilder("/sbin/mke2fs", "-q", "-t", "ext4", "-F", disk.toString())
            .inheritIO()
            .start();
    assertThat(mke2fs.waitFor()).as("mke2fs (package e2fsprogs)").isZero();
  }
}
