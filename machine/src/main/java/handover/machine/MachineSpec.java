package handover.machine;

import handover.migration.MigrationEngine;
import handover.riscv.Acceleration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A machine as asked for, before anything is opened or checked: what the command line, a test or an
 * embedding program fills in. {@link VirtualMachine#create} checks all of it and reports every
 * problem at once.
 *
 * @param name {@code -name}
 * @param uuid {@code -uuid}
 * @param machineType {@code -M} without options: {@code virt} or a version such as {@code virt-1.0}
 * @param machineOptions {@code -M virt,KEY=VALUE}
 * @param memoryBytes {@code -m}, in bytes: a positive multiple of 4096
 * @param harts {@code -smp}, 1 to 8
 * @param cpuModel {@code -cpu} model, {@code rv64}
 * @param cpuFeatures {@code -cpu rv64,NAME=on|off}
 * @param bios {@code -bios FILE}; empty: the firmware found by {@code guest fetch}, or none
 * @param kernel {@code -kernel}: a Linux {@code Image}, an ELF file or bare code
 * @param initrd {@code -initrd}: any RAM disk; needs a kernel that looks for one
 * @param append {@code -append}: the kernel's command line, may be empty
 * @param chardevs {@code -chardev}, in order
 * @param netdevs {@code -netdev}, in order: one may be the back end of a later one
 * @param drives {@code -drive}
 * @param devices {@code -device}, in order, which is that of their places on the board
 * @param serials {@code -serial}, first is the console
 * @param acceleration {@code -accel}
 * @param startPaused {@code -S}: a guest that boots or arrives waits for {@code cont}
 * @param incoming {@code -incoming}: a URI, or {@code defer}
 */
public record MachineSpec(
    Optional<String> name,
    Optional<UUID> uuid,
    String machineType,
    Map<String, String> machineOptions,
    long memoryBytes,
    int harts,
    String cpuModel,
    Map<String, String> cpuFeatures,
    Optional<Path> bios,
    Optional<Path> kernel,
    Optional<Path> initrd,
    String append,
    List<Backend> chardevs,
    List<Backend> netdevs,
    List<Backend> drives,
    List<Backend> devices,
    List<String> serials,
    Acceleration acceleration,
    boolean startPaused,
    Optional<String> incoming) {

  /** What was not asked for yet. */
  public static MachineSpecBuilder builder() {
    return new MachineSpecBuilder();
  }

  /** The same, to be changed. */
  public MachineSpecBuilder toBuilder() {
    return new MachineSpecBuilder(this);
  }

  /** The board with nothing plugged, waiting for a guest: what serves to ask about the board. */
  public static MachineSpec bare(long memoryBytes, int harts) {
    return bare(memoryBytes, harts, Map.of());
  }

  /** The same with options after {@code -M virt,}. */
  public static MachineSpec bare(long memoryBytes, int harts, Map<String, String> machineOptions) {
    return builder()
        .machineOptions(machineOptions)
        .memoryBytes(memoryBytes)
        .harts(harts)
        .startPaused(true)
        .awaitingGuest()
        .build();
  }

  /** The same with these plugged, in place of what was. */
  public MachineSpec plugged(
      List<Backend> otherNetdevs, List<Backend> otherDrives, List<Backend> otherDevices) {
    return toBuilder().netdevs(otherNetdevs).drives(otherDrives).devices(otherDevices).build();
  }

  /**
   * One {@code -chardev}, {@code -netdev}, {@code -drive} or {@code -device}.
   *
   * @param kind the leading word: netdev type or device driver; empty for a drive
   * @param properties what follows, in order
   */
  public record Backend(String kind, Map<String, String> properties) {
    /** The {@code id=}, if given. */
    public Optional<String> id() {
      return Optional.ofNullable(properties.get("id"));
    }
  }

  /**
   * Whether a guest comes that runs elsewhere until then: not out of a file, where it stands still.
   */
  public boolean arrivesAlive() {
    return incoming.filter(uri -> !MigrationEngine.fromFile(uri)).isPresent();
  }
}
