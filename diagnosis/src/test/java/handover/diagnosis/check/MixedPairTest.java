package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import handover.diagnosis.QemuProcess;
import handover.diagnosis.ServedMachine;
import handover.machine.MachineSpec;
import handover.monitor.client.QmpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real QEMU and a machine of this program, either of them the source: the same rules find the
 * same differences, and none between machines that exchange guests.
 */
@Timeout(60)
final class MixedPairTest {
  private static final String PCI = "virtio-net-pci,netdev=n,romfile=";
  private static final String MMIO = "virtio-net-device,netdev=n";
  private static final String PLAIN = "rv64,h=off,sstc=off,zba=off,zbb=off,zbc=off,zbs=off";
  private static final String WIRE = "hubport,id=n,hubid=0";

  /** What QEMU offers on a plain wire. */
  private static final String QUIET =
      ",gso=on,csum=off,guest_csum=off,guest_tso4=off,guest_tso6=off,host_tso4=off,host_tso6=off";

  /** What a machine is made of, in words of both programs. */
  record Parts(
      String aia, String stream, String cpu, int mib, int harts, String wire, String card) {
    static Parts with(String card) {
      return new Parts("none", "qemu-7.2", PLAIN, 64, 1, WIRE, card);
    }

    List<String> qemu() {
      String words =
          "qemu-system-riscv64 -M virt,aia=%s -cpu %s -m %d -smp %d -bios none -netdev %s"
              .formatted(aia, cpu, mib, harts, wire);
      List<String> all = new ArrayList<>(Arrays.asList(words.split(" ", -1)));
      all.addAll(List.of("-global", "virtio-mmio.force-legacy=false", "-incoming", "defer"));
      if (!card.isEmpty()) {
        all.addAll(List.of("-device", card));
      }
      return all;
    }

    MachineSpec ours() {
      return MachineSpec.bare((long) mib << 20, harts, Map.of("aia", aia, "stream", stream))
          .plugged(
              List.of(backend(WIRE)),
              List.of(),
              card.isEmpty() ? List.of() : List.of(backend(card + QUIET)));
    }

    private static MachineSpec.Backend backend(String words) {
      Map<String, String> properties = new LinkedHashMap<>();
      String[] parts = words.split(",", -1);
      for (String part : List.of(parts).subList(1, parts.length)) {
        String[] pair = part.split("=", 2);
        properties.put(pair[0], pair[1]);
      }
      return new MachineSpec.Backend(parts[0], properties);
    }
  }

  /** The source, the destination, and what has to be found: nothing, or subject and both values. */
  static Stream<Arguments> pairs() {
    Parts pci = Parts.with(PCI);
    Parts mmio = Parts.with(MMIO);
    return Stream.of(
        Arguments.of("on PCI", pci, pci, ""),
        Arguments.of("on virtio-mmio", mmio, mmio, ""),
        Arguments.of("two harts", harts(pci, 2), harts(pci, 2), ""),
        Arguments.of("domains", aia(mmio, "aplic"), aia(mmio, "aplic"), ""),
        Arguments.of(
            "an option ROM",
            Parts.with("virtio-net-pci,netdev=n"),
            Parts.with("virtio-net-pci,netdev=n"),
            ""),
        Arguments.of("another MAC", pci, Parts.with(PCI + ",mac=52:54:00:11:22:33"), ""),
        Arguments.of("larger queues", pci, Parts.with(PCI + ",rx_queue_size=512"), ""),
        Arguments.of(
            "a feature",
            mmio,
            Parts.with(MMIO + ",mrg_rxbuf=off"),
            "virtio-net-device at virtio-mmio-bus.7, mrg_rxbuf: source on, destination off"),
        Arguments.of(
            "vectors",
            pci,
            Parts.with(PCI + ",vectors=5"),
            "virtio-net-pci at pcie.0/01.0, vectors: source 4, destination 5"),
        Arguments.of(
            "memory",
            pci,
            mib(pci, 128),
            "RAM block riscv_virt_board.ram: source 0x4000000, destination 0x8000000"),
        Arguments.of("harts", pci, harts(pci, 2), "number of CPUs (-smp): source 1, destination 2"),
        Arguments.of(
            "another slot",
            pci,
            Parts.with(PCI + ",addr=5"),
            "place of virtio-net: source virtio-net-pci at pcie.0/01.0, destination virtio-net-pci"
                + " at pcie.0/05.0"),
        Arguments.of(
            "another bus",
            pci,
            mmio,
            "place of virtio-net: source virtio-net-pci at pcie.0/01.0, destination"
                + " virtio-net-device at virtio-mmio-bus.7"),
        Arguments.of(
            "no card",
            pci,
            Parts.with(""),
            "device at pcie.0/01.0: source virtio-net-pci, destination none"),
        Arguments.of(
            "a ROM there is not",
            Parts.with("virtio-net-pci,netdev=n"),
            pci,
            "RAM block 0000:00:01.0/virtio-net-pci.rom: source 0x40000, destination none"),
        Arguments.of(
            "interrupt controllers",
            pci,
            aia(pci, "aplic"),
            "-M aia: source none, destination aplic"));
  }

  private static Parts harts(Parts p, int harts) {
    return new Parts(p.aia, p.stream, p.cpu, p.mib, harts, p.wire, p.card);
  }

  private static Parts mib(Parts p, int mib) {
    return new Parts(p.aia, p.stream, p.cpu, mib, p.harts, p.wire, p.card);
  }

  private static Parts aia(Parts p, String aia) {
    return new Parts(aia, p.stream, p.cpu, p.mib, p.harts, p.wire, p.card);
  }

  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void fromUsToQemu(String name, Parts source, Parts destination, String expected)
      throws Exception {
    assertFound(checked(source, destination, true), expected, Outcome.FAILURE);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairs")
  void fromQemuToUs(String name, Parts source, Parts destination, String expected)
      throws Exception {
    assertFound(checked(destination, source, false), expected, Outcome.LOST);
  }

  private MachineCheck checked(Parts ours, Parts theirs, boolean fromUs) throws Exception {
    try (ServedMachine machine = ServedMachine.start(folder, ours.ours());
        QemuProcess qemu = QemuProcess.start(folder, theirs.qemu().toArray(String[]::new));
        QmpClient here = machine.connect();
        QmpClient there = qemu.connect()) {
      return fromUs ? MachineCheck.of(here, there) : MachineCheck.of(there, here);
    }
  }

  /** What only one direction knows. */
  static Stream<Arguments> fromQemu() {
    return Stream.of(
        Arguments.of(
            new Parts("none", "", PLAIN, 64, 1, "user,id=n", PCI),
            "netdevs of type user: source {n=user}, destination {n=hubport}"),
        Arguments.of(
            new Parts("none", "", PLAIN.replace(",sstc=off", ""), 64, 1, WIRE, PCI),
            "-cpu sstc: source on, destination off"));
  }

  @ParameterizedTest
  @MethodSource("fromQemu")
  void whatNoHandoverTakes(Parts source, String expected) throws Exception {
    fromQemuToUs("", source, Parts.with(PCI), expected);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void anotherReleasesStream(String stream, String expected) throws Exception {
    Parts source = new Parts("none", stream, PLAIN, 64, 1, WIRE, MMIO);
    fromUsToQemu("", source, Parts.with(MMIO), expected);
  }

  static Stream<Arguments> streams() {
    String differs = "stream (-M virt,stream=): source qemu-11.1, destination qemu-7.2";
    return Stream.of(Arguments.of("qemu-7.2", ""), Arguments.of("qemu-11.1", differs));
  }

  /** Neither side runs a guest that could be sent: that is found as well, and beside the point. */
  private static void assertFound(MachineCheck check, String expected, Outcome outcome) {
    List<Difference> found =
        check.breaking().stream().filter(d -> !d.rule().endsWith("-state")).toList();
    if (expected.isEmpty()) {
      assertThat(found).isEmpty();
      return;
    }
    assertThat(found).extracting(Difference::line).contains(expected);
    assertThat(found).allMatch(d -> !d.remedy().isEmpty() && !d.how().isEmpty());
    assertThat(found).extracting(Difference::outcome).containsOnly(outcome);
  }
}
