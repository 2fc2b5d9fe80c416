package handover.diagnosis.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What depends on QEMU's version, of which a host has one. */
final class VersionRulesTest {
  private static MachineFacts facts(String version, String machine, String status) {
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
}
