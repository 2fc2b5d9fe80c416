package handover.machine;

import handover.devices.NearestName;
import handover.riscv.CpuFeatures;
import handover.vmstate.QemuRelease;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a board is built as: the spec's words understood. Where something was wrong the default
 * stands in, so that the rest of the spec can be checked as well and everything reported at once.
 *
 * @param stream whose migration stream is written
 * @param aia which interrupt controllers there are
 * @param memoryBytes size of main RAM, a multiple of 4096
 * @param harts 1 to 8
 */
record BoardShape(
    MachineVersion version,
    QemuRelease stream,
    Aia aia,
    CpuFeatures features,
    long memoryBytes,
    int harts) {
  /** Makes all guest memory resident at the start: QEMU's {@code -mem-prealloc}. */
  static final String PREALLOCATE = "mem-prealloc";

  /** Locks all memory of the process: QEMU's {@code -overcommit mem-lock=on}. */
  static final String LOCK = "mem-lock";

  private static final String STREAM = "stream";
  private static final String AIA = "aia";
  private static final List<String> OPTIONS =
      List.of("virtio-mmio-legacy", STREAM, AIA, PREALLOCATE, LOCK);
  private static final long DEFAULT_MEMORY = 128L << 20;
  private static final int MAX_HARTS = MachineVersion.MAX_HARTS;

  /** Understands {@code spec}; every problem goes to {@code problems}. */
  static BoardShape of(MachineSpec spec, Consumer<String> problems) {
    return new BoardShape(
        version(spec, problems),
        stream(spec, problems),
        aia(spec, problems),
        features(spec, problems),
        memory(spec, problems),
        harts(spec, problems));
  }

  private static MachineVersion version(MachineSpec spec, Consumer<String> problems) {
    spec.machineOptions().keySet().stream()
        .filter(name -> !OPTIONS.contains(name))
        .forEach(
            name ->
                problems.accept(
                    "-M %s has no option '%s'%s"
                        .formatted(spec.machineType(), name, NearestName.hint(name, OPTIONS))));
    return MachineVersion.named(spec.machineType())
        .orElseGet(
            () -> {
              problems.accept(
                  "-M: there is no machine '%s'%s"
                      .formatted(
                          spec.machineType(),
                          NearestName.hint(spec.machineType(), MachineVersion.names())));
              return MachineVersion.newest();
            });
  }

  private static QemuRelease stream(MachineSpec spec, Consumer<String> problems) {
    String name = spec.machineOptions().getOrDefault(STREAM, QemuRelease.usual().wireName());
    return QemuRelease.named(name)
        .orElseGet(
            () -> {
              problems.accept(
                  "-M %s,stream=%s: the streams written are those of %s; every one is read"
                      .formatted(spec.machineType(), name, String.join(", ", QemuRelease.names())));
              return QemuRelease.usual();
            });
  }

  private static Aia aia(MachineSpec spec, Consumer<String> problems) {
    String name = spec.machineOptions().getOrDefault(AIA, Aia.NONE.wireName());
    return Aia.named(name)
        .orElseGet(
            () -> {
              problems.accept(
                  "-M %s,aia=%s: expected one of %s"
                      .formatted(spec.machineType(), name, String.join(", ", Aia.names())));
              return Aia.NONE;
            });
  }

  private static CpuFeatures features(MachineSpec spec, Consumer<String> problems) {
    StringBuilder argument = new StringBuilder(spec.cpuModel());
    spec.cpuFeatures()
        .forEach((name, value) -> argument.append(",").append(name).append("=").append(value));
    return CpuFeatures.parse(
        argument.toString(),
        problems,
        name ->
            problems.accept(
                "-cpu %s has no feature '%s'%s"
                    .formatted(
                        spec.cpuModel(), name, NearestName.hint(name, CpuFeatures.knownNames()))));
  }

  private static long memory(MachineSpec spec, Consumer<String> problems) {
    long bytes = spec.memoryBytes();
    if (bytes > 0 && (bytes & 4095) == 0) {
      return bytes;
    }
    problems.accept("-m expects a multiple of 4 KiB, got %d bytes; try -m 256".formatted(bytes));
    return DEFAULT_MEMORY;
  }

  private static int harts(MachineSpec spec, Consumer<String> problems) {
    if (spec.harts() < 1 || spec.harts() > MAX_HARTS) {
      problems.accept("-smp expects 1 to %d harts, got %d".formatted(MAX_HARTS, spec.harts()));
    }
    return Math.clamp(spec.harts(), 1, MAX_HARTS);
  }
}
