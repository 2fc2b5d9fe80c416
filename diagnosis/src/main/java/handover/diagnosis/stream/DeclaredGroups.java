package handover.diagnosis.stream;

import handover.machine.MachineSpec;
import handover.machine.MachineSpec.Backend;
import handover.machine.MachineSpecException;
import handover.machine.VirtualMachine;
import handover.migration.StateDump;
import handover.vmstate.DeclaredState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the groups are called that iterative devices send by number: known for a declaration that is
 * this program's own, which its layout's digest in the offer tells.
 */
final class DeclaredGroups {
  private static final long MEMORY = 1 << 20;
  private static final int SECTOR = 512;

  private DeclaredGroups() {}

  /** Layout's digest → names; made when first asked for. */
  private static final class All {
    private static final Map<String, List<String>> BY_LAYOUT = read();

    private static Map<String, List<String>> read() {
      try {
        Path disk = Files.write(Files.createTempFile("handover-inspect", ".img"), new byte[SECTOR]);
        try {
          return of(disk);
        } finally {
          Files.deleteIfExists(disk);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (MachineSpecException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** All that are known, by layout. */
  static Map<String, List<String>> all() {
    return All.BY_LAYOUT;
  }

  /** A group's name, or its number. */
  static String name(String layout, int index) {
    List<String> names = layout.isEmpty() ? List.of() : all().getOrDefault(layout, List.of());
    return index < names.size() ? names.get(index) : "group " + index;
  }

  /** From a machine that has one of every device. */
  private static Map<String, List<String>> of(Path disk) throws MachineSpecException {
    Map<String, List<String>> names = new HashMap<>();
    try (VirtualMachine machine = VirtualMachine.create(everything(disk))) {
      StateDump dump = machine.migration().describe();
      for (int i = 0; i < dump.states().size(); i++) {
        names.put(
            dump.offer().sections().get(i).layout(),
            dump.states().get(i).groups().stream().map(DeclaredState.Group::name).toList());
      }
    }
    return Map.copyOf(names);
  }

  private static MachineSpec everything(Path disk) {
    return MachineSpec.bare(MEMORY, 1)
        .plugged(
            List.of(new Backend("none", Map.of("id", "n"))),
            List.of(new Backend("", Map.of("id", "d", "format", "raw", "file", disk.toString()))),
            List.of(
                new Backend("virtio-net-device", Map.of("netdev", "n")),
                new Backend("virtio-blk-device", Map.of("drive", "d")),
                new Backend("virtio-rng-device", Map.of()),
                new Backend("virtio-serial-device", Map.of())));
  }
}
