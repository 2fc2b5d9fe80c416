package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import handover.cli.guest.PeerRoute.Attachment;
import handover.cli.guest.PeerRoute.Way;
import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.guest.PulseImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Running guests go from a real QEMU to us and on to a real QEMU, of every release we write the
 * stream of; their timers, memory and connections live on.
 */
@Tag("guest")
class QemuMoveTest {
  private static final Pattern PULSE_BEAT = Pattern.compile("pulse: beat (\\d+) ");
  private static final Pattern LINUX_BEAT = Pattern.compile("agent: beat (\\d+) ");

  private static final String MATRIX = "qemu.matrix";

  /** What is on the disk, that there are random numbers, what is in the card's option ROM. */
  private static final String LOOK_AT_DEVICES =
      "echo 3 >/proc/sys/vm/drop_caches; sha256sum </dev/vda; head -c 16 /dev/hwrng | wc -c; cd"
          + " /sys/bus/pci/devices/0000:00:01.0; echo 1 >rom; sha256sum <rom; echo 0 >rom; cd /";

  @TempDir Path folder;

  private static boolean have(QemuVersion version) {
    StringBuilder why = new StringBuilder();
    boolean there = version.program(why).isPresent();
    if (!there) {
      System.out.println("without QEMU " + version.number() + ": " + why);
    }
    return there;
  }

  private static void require(QemuVersion version) {
    assumeTrue(have(version), "QEMU " + version.number() + " cannot be fetched here");
  }

  private List<String> pulse() throws IOException {
    Path image = Files.write(folder.resolve("pulse.bin"), PulseImage.bytes());
    return List.of(
        "-m",
        QemuVersion.memory(64),
        "-bios",
        "none",
        "-kernel",
        image.toString(),
        "-append",
        "dirty=10 dirty-region=16 beat=50");
  }

  @ParameterizedTest
  @EnumSource(QemuVersion.class)
  @Timeout(240)
  void pulseGoesThereAndBackThroughEveryDoor(QemuVersion version) throws Exception {
    require(version);
    try (PeerRoute route = new PeerRoute(folder, Attachment.MODERN, 1, pulse(), PULSE_BEAT)) {
      route.bootIn(version, Pattern.compile("pulse: ready"));
      route.toHandover(version, Way.TCP);
      route.toQemu(version, Way.UNIX);
      route.toHandover(version, Way.FILE);
      route.toQemu(version, Way.FILE);
    }
  }

  @Test
  @Timeout(240)
  void queuesThatTheReleaseWouldNotLoadAreNamedBeforeAnythingMoves() throws Exception {
    require(QemuVersion.QEMU_11_1);
    try (PeerRoute route = new PeerRoute(folder, Attachment.MODERN, 1, pulse(), PULSE_BEAT)) {
      route.bootIn(QemuVersion.QEMU_7_2, Pattern.compile("pulse: ready"));
      route.toHandover(QemuVersion.QEMU_11_1, Way.UNIX);
      assertThat(route.refusedBy(QemuVersion.QEMU_11_1).toString())
          .contains("queue 2: the guest uses 128 entries, qemu-11.1 allows 64");
    }
  }

  /** QEMU 10.0 and 11.1 cannot exchange a guest with each other; through us they can. */
  @Test
  @Timeout(480)
  void debianGoesFromReleaseToReleaseThroughUs() throws Exception {
    boolean newest = have(QemuVersion.QEMU_11_1);
    boolean middle = have(QemuVersion.QEMU_10_0);
    try (PeerRoute route =
        new PeerRoute(folder, Attachment.LEGACY_APLIC, 2, debian(), LINUX_BEAT)) {
      route.bootIn(
          newest ? QemuVersion.QEMU_11_1 : QemuVersion.QEMU_7_2, Pattern.compile(LinuxGuest.READY));
      route.connect();
      if (middle) {
        route.toHandover(QemuVersion.QEMU_10_0, Way.TCP);
        route.toQemu(QemuVersion.QEMU_10_0, Way.TCP);
      }
      route.toHandover(QemuVersion.QEMU_7_2, Way.UNIX);
      route.toQemu(QemuVersion.QEMU_7_2, Way.TCP);
      if (newest) {
        route.toHandover(QemuVersion.QEMU_11_1, Way.UNIX);
        route.toQemu(QemuVersion.QEMU_11_1, Way.UNIX);
      }
    }
  }

  /** QEMUs that do not understand each other, and none of us running in between. */
  @Test
  @Timeout(480)
  void debianGoesFromReleaseToReleaseInTranslation() throws Exception {
    require(QemuVersion.QEMU_10_0);
    require(QemuVersion.QEMU_11_1);
    try (PeerRoute route = new PeerRoute(folder, Attachment.PCI, 2, debian(), LINUX_BEAT)) {
      // QEMU 10.0 would give it queues of 1024 entries, which 11.1 does not load.
      route.bootIn(QemuVersion.QEMU_11_1, Pattern.compile(LinuxGuest.READY));
      route.connect();
      route.translatedTo(QemuVersion.QEMU_10_0);
      route.translatedTo(QemuVersion.QEMU_11_1);
      route.translatedTo(QemuVersion.QEMU_7_2);
      route.translatedTo(QemuVersion.QEMU_10_0);
    }
  }

  /** Messages of PCI devices go to interrupt files, through us and in translation. */
  @Test
  @Timeout(480)
  void debianWithInterruptFilesGoesFromReleaseToRelease() throws Exception {
    require(QemuVersion.QEMU_10_0);
    require(QemuVersion.QEMU_11_1);
    try (PeerRoute route = new PeerRoute(folder, Attachment.PCI_IMSIC, 2, debian(), LINUX_BEAT)) {
      route.bootIn(QemuVersion.QEMU_11_1, Pattern.compile(LinuxGuest.READY));
      route.connect();
      route.toHandover(QemuVersion.QEMU_10_0, Way.TCP);
      route.toQemu(QemuVersion.QEMU_10_0, Way.UNIX);
      route.translatedTo(QemuVersion.QEMU_11_1);
    }
  }

  /** Disk, random numbers and the option ROM's contents come along. */
  @Test
  @Timeout(480)
  void debianOnPciGoesFromReleaseToRelease() throws Exception {
    try (PeerRoute route = new PeerRoute(folder, Attachment.PCI, 2, debian(), LINUX_BEAT)) {
      route.bootIn(QemuVersion.QEMU_7_2, Pattern.compile(LinuxGuest.READY));
      route.connect();
      String devices = route.shell(LOOK_AT_DEVICES);
      assertThat(devices.lines()).as(devices).hasSize(3);
      if (have(QemuVersion.QEMU_11_1)) {
        route.toHandover(QemuVersion.QEMU_11_1, Way.TCP);
        route.toQemu(QemuVersion.QEMU_11_1, Way.TCP);
      }
      if (have(QemuVersion.QEMU_10_0)) {
        route.toHandover(QemuVersion.QEMU_10_0, Way.FILE);
        assertThat(route.shell(LOOK_AT_DEVICES)).as("in Handover").isEqualTo(devices);
        route.toQemu(QemuVersion.QEMU_10_0, Way.UNIX);
      }
      assertThat(route.shell(LOOK_AT_DEVICES)).as("in QEMU again").isEqualTo(devices);
    }
  }

  /** A guest that goes there and back through each door: cells of the matrix. */
  record Cell(QemuVersion version, Attachment attachment, int harts) {
    /** What {@code -Dqemu.matrix=} is a regular expression for. */
    @Override
    public String toString() {
      String device = attachment.name().toLowerCase(Locale.ROOT).replace('_', '-');
      return "%s-%s-%d".formatted(version.number(), device, harts);
    }
  }

  /** All cells whose names match {@code -Dqemu.matrix=}: {@code 11.1-pci-2}, {@code .*}. */
  static List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (QemuVersion version : QemuVersion.values()) {
      for (Attachment attachment : Attachment.values()) {
        cells.add(new Cell(version, attachment, 1));
        cells.add(new Cell(version, attachment, 2));
      }
    }
    // Which does not go on with a guest that has interrupt files, wherever it comes from.
    cells.removeIf(c -> c.toString().startsWith("7.2-pci-imsic"));
    cells.removeIf(cell -> !cell.toString().matches(System.getProperty(MATRIX, "")));
    return cells;
  }

  /** Takes a quarter of an hour for all cells, so only on request. */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("cells")
  @Timeout(480)
  void debianGoesThereAndBack(Cell cell) throws Exception {
    require(cell.version());
    try (PeerRoute route =
        new PeerRoute(folder, cell.attachment(), cell.harts(), debian(), LINUX_BEAT)) {
      route.bootIn(cell.version(), Pattern.compile(LinuxGuest.READY));
      route.connect();
      for (Way way : Way.values()) {
        route.toHandover(cell.version(), way);
        route.toQemu(cell.version(), way);
      }
    }
  }

  /** QEMU 7.2's hart always has Sv57, which ours has not. */
  private static List<String> debian() throws IOException {
    LinuxGuest files = GuestCache.standard().fetch(System.out::println);
    List<String> options = new ArrayList<>(List.of("-m", QemuVersion.memory(256)));
    options.addAll(files.options("no5lvl handover.beat=50"));
    return options;
  }
}
