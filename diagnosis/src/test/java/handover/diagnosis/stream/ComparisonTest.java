package handover.diagnosis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import handover.diagnosis.stream.Finding.Effect;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stream of one real QEMU against that of another, misconfigured one. */
final class ComparisonTest {
  @Test
  void aTwinAcceptsEverything() throws Exception {
    assertThat(against(QemuStreams.NET)).isEmpty();
  }

  @Test
  void anotherNumberOfCpusMisreadsTheTimer() throws Exception {
    Finding first = firstRejection(QemuStreams.NET + " -smp 2");
    assertThat(first.device()).isEqualTo("riscv_mtimer");
    assertThat(first.field()).isEqualTo("timecmp");
    assertThat(first.reason()).contains("8 bytes").contains("16");
  }

  @Test
  void moreVectorsChangeWhatTheGuestCannot() throws Exception {
    Finding first = firstRejection(QemuStreams.NET + ",vectors=6");
    assertThat(first.device()).isEqualTo("0000:00:01.0/virtio-net");
    assertThat(first.field()).startsWith("config+0x");
  }

  @Test
  void anotherNetdevLacksSlirp() throws Exception {
    Finding first =
        firstRejection(
            QemuStreams.VIRT
                + " -netdev hubport,hubid=0,id=n0 -device virtio-net-pci,netdev=n0,romfile=");
    assertThat(first.device()).isEqualTo("slirp");
    assertThat(first.reason()).contains("-netdev user");
  }

  @Test
  void anotherInterruptControllerHasNoPlic() throws Exception {
    String aplic = QemuStreams.NET.replace("-M virt ", "-M virt,aia=aplic ");
    assertThat(firstRejection(aplic).device()).isEqualTo("riscv_sifive_plic");
  }

  @Test
  void otherMemoryIsRejectedInTheBlockList() throws Exception {
    Finding first = firstRejection(QemuStreams.NET.replace("-m 64", "-m 128"));
    assertThat(first.device()).isEqualTo("ram");
    assertThat(first.field()).isEqualTo("riscv_virt_board.ram");
    assertThat(first.reason()).contains("0x4000000").contains("0x8000000");
  }

  @Test
  void anotherMachineIsRejectedAtOnce() throws Exception {
    Finding first = firstRejection(QemuStreams.PC);
    assertThat(first.device()).isEqualTo("configuration");
    assertThat(first.reason()).contains("'virt'").contains("'pc-i440fx");
  }

  private static Finding firstRejection(String destination) throws Exception {
    return against(destination).stream()
        .filter(f -> f.effect() == Effect.REJECTED)
        .findFirst()
        .orElseThrow();
  }

  private static List<Finding> against(String destination) throws Exception {
    try (Inspection stream = Inspection.of(QemuStreams.of(QemuStreams.NET));
        Inspection other = Inspection.of(QemuStreams.of(destination))) {
      return Comparison.of(stream, DestinationFile.of(other));
    }
  }
}
