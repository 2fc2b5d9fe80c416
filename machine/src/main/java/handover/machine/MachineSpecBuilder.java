package handover.machine;

import handover.machine.MachineSpec.Backend;
import handover.riscv.Acceleration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Asks for a machine property by property. What is not asked for is as without the option: {@code
 * virt} with 128 MiB, one hart and nothing plugged.
 */
public final class MachineSpecBuilder {
  private Optional<String> name = Optional.empty();
  private Optional<UUID> uuid = Optional.empty();
  private String machineType = "virt";
  private Map<String, String> machineOptions = Map.of();
  private long memoryBytes = 128L << 20;
  private int harts = 1;
  private String cpuModel = "rv64";
  private Map<String, String> cpuFeatures = Map.of();
  private Optional<Path> bios = Optional.empty();
  private Optional<Path> kernel = Optional.empty();
  private Optional<Path> initrd = Optional.empty();
  private String append = "";
  private List<Backend> chardevs = List.of();
  private List<Backend> netdevs = List.of();
  private List<Backend> drives = List.of();
  private List<Backend> devices = List.of();
  private List<String> serials = List.of();
  private Acceleration acceleration = Acceleration.DEFAULT;
  private boolean startPaused;
  private Optional<String> incoming = Optional.empty();

  MachineSpecBuilder() {}

  MachineSpecBuilder(MachineSpec like) {
    name = like.name();
    uuid = like.uuid();
    machineType = like.machineType();
    machineOptions = like.machineOptions();
    memoryBytes = like.memoryBytes();
    harts = like.harts();
    cpuModel = like.cpuModel();
    cpuFeatures = like.cpuFeatures();
    bios = like.bios();
    kernel = like.kernel();
    initrd = like.initrd();
    append = like.append();
    chardevs = like.chardevs();
    netdevs = like.netdevs();
    drives = like.drives();
    devices = like.devices();
    serials = like.serials();
    acceleration = like.acceleration();
    startPaused = like.startPaused();
    incoming = like.incoming();
  }

  /** {@code -name}. */
  public MachineSpecBuilder name(Optional<String> value) {
    name = value;
    return this;
  }

  /** {@code -uuid}. */
  public MachineSpecBuilder uuid(Optional<UUID> value) {
    uuid = value;
    return this;
  }

  /** {@code -M} without options. */
  public MachineSpecBuilder machineType(String value) {
    machineType = value;
    return this;
  }

  /** {@code -M virt,KEY=VALUE}. */
  public MachineSpecBuilder machineOptions(Map<String, String> value) {
    machineOptions = value;
    return this;
  }

  /** {@code -m}. */
  public MachineSpecBuilder memoryBytes(long value) {
    memoryBytes = value;
    return this;
  }

  /** {@code -smp}. */
  public MachineSpecBuilder harts(int value) {
    harts = value;
    return this;
  }

  /** {@code -cpu} model. */
  public MachineSpecBuilder cpuModel(String value) {
    cpuModel = value;
    return this;
  }

  /** {@code -cpu rv64,NAME=on|off}. */
  public MachineSpecBuilder cpuFeatures(Map<String, String> value) {
    cpuFeatures = value;
    return this;
  }

  /** {@code -bios FILE}. */
  public MachineSpecBuilder bios(Optional<Path> value) {
    bios = value;
    return this;
  }

  /** {@code -kernel}. */
  public MachineSpecBuilder kernel(Optional<Path> value) {
    kernel = value;
    return this;
  }

  /** {@code -initrd}. */
  public MachineSpecBuilder initrd(Optional<Path> value) {
    initrd = value;
    return this;
  }

  /** {@code -append}. */
  public MachineSpecBuilder append(String value) {
    append = value;
    return this;
  }

  /** {@code -chardev}. */
  public MachineSpecBuilder chardevs(List<Backend> value) {
    chardevs = value;
    return this;
  }

  /** {@code -netdev}. */
  public MachineSpecBuilder netdevs(List<Backend> value) {
    netdevs = value;
    return this;
  }

  /** {@code -drive}. */
  public MachineSpecBuilder drives(List<Backend> value) {
    drives = value;
    return this;
  }

  /** {@code -device}. */
  public MachineSpecBuilder devices(List<Backend> value) {
    devices = value;
    return this;
  }

  /** {@code -serial}, first is the console. */
  public MachineSpecBuilder serials(List<String> value) {
    serials = value;
    return this;
  }

  /** {@code -accel}. */
  public MachineSpecBuilder acceleration(Acceleration value) {
    acceleration = value;
    return this;
  }

  /** {@code -S}. */
  public MachineSpecBuilder startPaused(boolean value) {
    startPaused = value;
    return this;
  }

  /** {@code -incoming}: a URI, or {@code defer}. */
  public MachineSpecBuilder incoming(Optional<String> value) {
    incoming = value;
    return this;
  }

  /** Boots nothing and has no console: such a machine only waits for a guest. */
  public MachineSpecBuilder awaitingGuest() {
    bios = Optional.empty();
    kernel = Optional.empty();
    initrd = Optional.empty();
    append = "";
    serials = List.of();
    incoming = Optional.of("defer");
    return this;
  }

  /** All of it together. */
  public MachineSpec build() {
    return new MachineSpec(
        name,
        uuid,
        machineType,
        machineOptions,
        memoryBytes,
        harts,
        cpuModel,
        cpuFeatures,
        bios,
        kernel,
        initrd,
        append,
        chardevs,
        netdevs,
        drives,
        devices,
        serials,
        acceleration,
        startPaused,
        incoming);
  }
}
