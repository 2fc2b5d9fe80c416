package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine's likeness really moves, whatever devices the machine has. */
class MoveRehearsalTest {
  private static final int MOVES = 3;

  @TempDir Path folder;

  @Test
  void everyKindOfDeviceMovesToAndFro() throws Exception {
    int[] asked = {0};
    MoveRehearsal.run(machine(disk()), () -> asked[0]++ == MOVES);
    // A move that fails ends it with an exception, before it is asked again.
    assertThat(asked[0]).isEqualTo(MOVES + 1);
  }

  @Test
  void theOriginalsDiskIsLeftAlone() throws Exception {
    Path disk = disk();
    byte[] before = Files.readAllBytes(disk);
    int[] asked = {0};
    MoveRehearsal.run(machine(disk), () -> asked[0]++ == 20 * MOVES);
    assertThat(disk).hasBinaryContent(before);
    assertThat(folder).isDirectoryContaining(disk::equals);
  }

  private Path disk() throws Exception {
    return Files.write(folder.resolve("disk.img"), new byte[4096]);
  }

  private static MachineSpec machine(Path disk) {
    return MachineSpec.builder()
        .name(Optional.of("original"))
        .memoryBytes(64L << 20)
        .harts(2)
        .kernel(Optional.of(disk.resolveSibling("no-kernel")))
        .chardevs(
            List.of(new MachineSpec.Backend("socket", Map.of("id", "c0", "path", "/nowhere"))))
        .netdevs(
            List.of(
                new MachineSpec.Backend("stream", Map.of("id", "wire", "addr.path", "/nowhere")),
                new MachineSpec.Backend("vdpa-sim", Map.of("id", "net0", "backend", "wire")),
                new MachineSpec.Backend("hubport", Map.of("id", "net1", "hubid", "0")),
                new MachineSpec.Backend("hubport", Map.of("id", "net2", "hubid", "0"))))
        .drives(
            List.of(
                new MachineSpec.Backend(
                    "", ordered("id", "disk", "file", disk.toString(), "format", "raw"))))
        .devices(
            List.of(
                new MachineSpec.Backend("virtio-serial-device", Map.of()),
                new MachineSpec.Backend("virtconsole", Map.of("chardev", "c0")),
                new MachineSpec.Backend(
                    "virtio-net-device", ordered("netdev", "net0", "mq", "on", "queues", "4")),
                new MachineSpec.Backend("virtio-net-device", Map.of("netdev", "net1")),
                new MachineSpec.Backend("virtio-blk-device", Map.of("drive", "disk")),
                new MachineSpec.Backend("virtio-rng-device", Map.of()),
                new MachineSpec.Backend("virtio-net-pci", ordered("netdev", "net2", "addr", "7")),
                new MachineSpec.Backend("virtio-rng-pci", Map.of("disable-legacy", "on"))))
        .serials(List.of("stdio"))
        .build();
  }

  private static Map<String, String> ordered(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
