package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Stage;
import java.util.ArrayList;
import java.util.List;

/** Every rule there is. The order is that of a migration: what is met first comes first. */
final class Rules {
  static final List<Rule> ALL = all();

  private Rules() {}

  private static List<Rule> all() {
    List<Rule> rules = new ArrayList<>();
    rules.addAll(readiness());
    rules.addAll(CapabilityRules.ALL);
    rules.addAll(machine());
    rules.addAll(memory());
    rules.addAll(DeviceRules.ALL);
    rules.addAll(unnoticed());
    return List.copyOf(rules);
  }

  private static List<Rule> unnoticed() {
    return List.of(
        new Rule(
            "missed-stores",
            "query-version, query-kvm, query-status, query-memory-size-summary",
            Stage.UNNOTICED,
            "without KVM, the source misses stores of a guest that runs while it is sent, if the size"
                + " of memory is a multiple of 256 KiB: now and then it arrives with stale memory, or"
                + " is refused for it (7.2 was measured; 10.0 is sound; between them nobody knows)",
            "stop the guest, move it, and cont it there; or start both sides with 128 KiB more memory,"
                + " or the source with QEMU 10.0 or later",
            VersionRules::missedStores));
  }

  private static List<Rule> readiness() {
    return List.of(
        new Rule(
            "blocked",
            "query-migrate",
            Stage.COMMAND,
            "migrate is refused with this reason",
            "remove the reason: detach the device or job it names",
            MachineRules::blocked),
        new Rule(
            "source-state",
            "query-status",
            Stage.COMMAND,
            "a machine in this state has no guest to send",
            "start the guest, or let the migration under way end",
            MachineRules::sourceState),
        new Rule(
            "destination-state",
            "query-status",
            Stage.COMMAND,
            "nobody listens there",
            "start the destination with -incoming defer",
            MachineRules::destinationState),
        new Rule(
            "uuid",
            "query-uuid, capability validate-uuid",
            Stage.MEMORY,
            "the destination quits over the UUID in the configuration section",
            "give both sides the same -uuid, or switch validate-uuid off",
            MachineRules::uuid));
  }

  private static List<Rule> machine() {
    return List.of(
        new Rule(
            "architecture",
            "query-target",
            Stage.MEMORY,
            "the destination quits over the machine type",
            "use the same qemu-system-* on both sides",
            MachineRules::architecture),
        new Rule(
            "machine-type",
            "qom-get /machine type",
            Stage.MEMORY,
            "the destination quits: \"Machine type received is ... and local is ...\"",
            "start both sides with the same -M, version included",
            MachineRules::machineType),
        new Rule(
            "qemu-version",
            "query-version",
            Stage.DEVICES,
            "this machine type has no versions and its devices' state changed: the destination quits"
                + " over a section's version",
            "use the same QEMU on both sides, or go through one that reads both",
            VersionRules::unversioned),
        new Rule(
            "machine-property",
            "qom-list, qom-get /machine",
            Stage.DEVICES,
            "other devices on the board: the destination quits over a section it does not know",
            "start both sides with the same -M options",
            MachineRules::boardProperties),
        new Rule(
            "cpus",
            "query-cpus-fast",
            Stage.DEVICES,
            "per-CPU state has another length, or a CPU's section nobody waits for: the destination"
                + " quits",
            "start both sides with the same -smp",
            MachineRules::cpus),
        new Rule(
            "cpus-spare",
            "query-target, query-cpus-fast",
            Stage.NOWHERE,
            "CPUs that the guest does not know stay at the destination as after a reset",
            "",
            MachineRules::spareCpus),
        new Rule(
            "stream",
            "qom-get /machine stream, query-version",
            Stage.DEVICES,
            "each release of QEMU has a stream of its own: the destination quits over a section's"
                + " version",
            "start the source with -M virt,stream= as the destination reads it, or go through"
                + " 'handover translate'",
            VersionRules::stream),
        new Rule(
            "interrupt-files",
            "qom-get /machine aia, query-version",
            Stage.COMMAND,
            "this QEMU's APLIC repeats a wired interrupt for ever once it is served; refused before"
                + " anything moves",
            "use QEMU 10.0 or later, or boot the guest with aia=aplic",
            VersionRules::interruptFiles),
        new Rule(
            "cpu-extension",
            "qom-list, qom-get CPU",
            Stage.DEVICES,
            "this extension has state that a Handover lacks, which refuses it at section 'cpu'",
            "start the source with -cpu ...,EXTENSION=off",
            MachineRules::heldExtensions),
        new Rule(
            "cpu-type",
            "qom-get CPU type",
            Stage.NOWHERE,
            "QEMU takes it without a word; what the guest found out about its CPU may no longer hold",
            "start both sides with the same -cpu",
            MachineRules::cpuType),
        new Rule(
            "cpu-property",
            "qom-list, qom-get CPU",
            Stage.NOWHERE,
            "QEMU takes it without a word; a guest that uses what is missing there will fault",
            "start both sides with the same -cpu options",
            MachineRules::cpuProperties),
        new Rule(
            "machine-option",
            "qom-list, qom-get /machine",
            Stage.NOWHERE,
            "known to change nothing that migrates, or not known to",
            "",
            MachineRules::otherProperties));
  }

  private static List<Rule> memory() {
    return List.of(
        new Rule(
            "ram-block-missing",
            "x-query-ramblock or info ramblock",
            Stage.MEMORY,
            "the destination quits: \"Unknown ramblock ..., cannot accept migration\"",
            "give the destination the same devices, in the same slots, with the same romfile",
            MachineRules::missingBlocks),
        new Rule(
            "ram-block-size",
            "x-query-ramblock or info ramblock",
            Stage.MEMORY,
            "the destination quits: \"Size mismatch\"",
            "give both sides the same -m, and the same ROM files",
            MachineRules::blockSizes));
  }
}
