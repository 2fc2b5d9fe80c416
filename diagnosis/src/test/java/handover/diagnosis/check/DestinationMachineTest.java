package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import handover.diagnosis.QemuProcess;
import handover.diagnosis.stream.Comparison;
import handover.diagnosis.stream.Finding;
import handover.diagnosis.stream.Inspection;
import handover.monitor.client.QmpClient;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real stream against real machines that wait for it. */
final class DestinationMachineTest {
  private static final String NET =
      "qemu-system-riscv64 -M virt -m 64 -bios none -netdev user,id=n0"
          + " -device virtio-net-pci,netdev=n0,romfile=";

  @TempDir static Path folder;
  private static Path stream;

  @BeforeAll
  static void save() throws Exception {
    stream = folder.resolve("stream");
    try (QemuProcess qemu = start(NET)) {
      qemu.save(stream);
    }
  }

  private static QemuProcess start(String command) throws Exception {
    return QemuProcess.start(folder, Arrays.asList(command.split(" ", -1)).toArray(String[]::new));
  }

  private static List<Finding> against(String destination) throws Exception {
    try (QemuProcess qemu = start(destination + " -incoming defer");
        QmpClient client = qemu.connect();
        Inspection inspection = Inspection.of(stream)) {
      return Comparison.of(inspection, DestinationMachine.of(client));
    }
  }

  @Test
  void aTwinAcceptsEverything() throws Exception {
    assertThat(against(NET)).isEmpty();
  }

  @Test
  void whatIsMissingIsNamedWithItsPlace() throws Exception {
    assertThat(against(NET + ",addr=7"))
        .extracting(Finding::device)
        .containsExactly("0000:00:01.0/virtio-net");
    assertThat(against(NET.replace("user,id", "hubport,hubid=0,id")))
        .extracting(Finding::device)
        .containsExactly("slirp");
  }

  @Test
  void otherCpusAndMemoryAreFoundAtTheirByte() throws Exception {
    assertThat(against(NET + " -smp 3").getFirst())
        .matches(f -> f.device().equals("riscv_mtimer") && f.reason().contains("-smp 1"));
    assertThat(against(NET.replace("-m 64", "-m 96")).getFirst())
        .matches(f -> f.device().equals("ram") && f.field().equals("riscv_virt_board.ram"));
  }
}
