package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What depends on QEMU's version, of which a host has one. */
final class VersionRulesTest {
  private static MachineFacts facts(String version, String machine, String status) {
    return facts(version, machine, status, (128 << 10) + 128, Optional.of(false));
  }

  private static MachineFacts facts(
      String version, String machine, String status, long kibibytes, Optional<Boolean> kvm) {
    return new MachineFacts(
        "QEMU " + version,
        version,
        "riscv64",
        status,
        "",
        Optional.of(machine),
        Map.of(),
        Optional.empty(),
        1,
        OptionalLong.of(kibibytes << 10),
        kvm,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        List.of());
  }

  private static Outcome outcome(String from, String to, String machine) {
    return MachineCheck.of(facts(from, machine, "running"), facts(to, machine, "inmigrate"))
        .outcome();
  }

  @Test
  void anUnversionedMachineNeedsTheSameQemu() {
    assertThat(outcome("10.0", "11.1", "virt")).isEqualTo(Outcome.LOST);
    assertThat(outcome("11.1", "10.0", "virt")).isEqualTo(Outcome.LOST);
    assertThat(outcome("10.0", "10.0", "virt")).isEqualTo(Outcome.HARMLESS);
  }

  @Test
  void aVersionedMachineDoesNot() {
    assertThat(outcome("9.0", "10.0", "pc-q35-9.0")).isEqualTo(Outcome.HARMLESS);
  }

  @Test
  void aBlockedSourceIsNotEvenTried() {
    MachineFacts free = facts("10.0", "virt", "running");
    MachineFacts blocked =
        new MachineFacts(
            free.name(),
            free.version(),
            free.architecture(),
            free.status(),
            free.uuid(),
            free.machine(),
            free.machineProperties(),
            free.cpuType(),
            free.cpus(),
            free.memory(),
            free.hypervisor(),
            free.cpuProperties(),
            free.ramBlocks(),
            free.devices(),
            free.pci(),
            free.netdevs(),
            free.capabilities(),
            free.parameters(),
            List.of("device is unmigratable"));
    MachineCheck check = MachineCheck.of(blocked, facts("10.0", "virt", "inmigrate"));
    assertThat(check.outcome()).isEqualTo(Outcome.REFUSAL);
    assertThat(check.breaking().getFirst().source()).isEqualTo("device is unmigratable");
  }

  /** Measured with 7.2 and with 10.0; between them nobody knows. */
  @ParameterizedTest
  @CsvSource({
    "7.2, running, 65536, false, RISK",
    "9.2, running, 262144, false, RISK",
    "10.0, running, 65536, false, HARMLESS",
    "11.1, running, 65536, false, HARMLESS",
    "7.2, running, 65664, false, HARMLESS",
    "7.2, paused, 65536, false, HARMLESS",
    "7.2, prelaunch, 65536, false, HARMLESS",
    "7.2, running, 65536, true, HARMLESS"
  })
  void anOldQemuWithoutKvmMissesStores(
      String version, String status, long kibibytes, boolean kvm, Outcome expected) {
    MachineFacts source = facts(version, "pc-q35-7.2", status, kibibytes, Optional.of(kvm));
    MachineCheck check = MachineCheck.of(source, facts("10.0", "pc-q35-7.2", "inmigrate"));
    assertThat(check.outcome()).isEqualTo(expected);
    assertThat(check.breaking()).isEmpty();
    assertThat(check.risks()).hasSize(expected == Outcome.RISK ? 1 : 0);
  }

  @Test
  void aQemuThatDoesNotTellOfKvmIsNotBlamed() {
    MachineFacts silent = facts("7.2", "virt", "running", 65536, Optional.empty());
    assertThat(MachineCheck.of(silent, facts("7.2", "virt", "inmigrate")).outcome())
        .isEqualTo(Outcome.HARMLESS);
  }

  @Test
  void aRiskIsToldWithWhatToDoAndBreaksNothing() {
    MachineCheck check =
        MachineCheck.of(
            facts("7.2", "virt", "running", 65536, Optional.of(false)),
            facts("7.2", "virt", "inmigrate", 65536, Optional.of(false)));
    StringWriter words = new StringWriter();
    CheckReport.print(check, new PrintWriter(words), false);
    assertThat(words.toString())
        .contains("RISK: memory of a guest that QEMU 7.2 sends while it runs: source 65536 KiB")
        .contains("change: stop the guest")
        .endsWith("This migration would work, but it may harm the guest.\n");
    Json.Obj json = (Json.Obj) CheckReport.json(check);
    assertThat(json.flag("works")).contains(true);
    assertThat(json.text("outcome")).contains("risk");
  }

  @Test
  void aRiskDoesNotHideWhatBreaks() {
    MachineCheck check =
        MachineCheck.of(
            facts("7.2", "virt", "running", 65536, Optional.of(false)),
            facts("10.0", "virt", "inmigrate"));
    assertThat(check.outcome()).isEqualTo(Outcome.LOST);
    assertThat(check.differences())
        .extracting(Difference::outcome)
        .startsWith(Outcome.LOST, Outcome.RISK);
  }
}
