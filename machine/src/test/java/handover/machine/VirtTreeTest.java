package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VirtTreeTest {
  private static VirtTree.Board board(int harts, String bootArgs, Optional<VirtTree.Range> initrd) {
    return new VirtTree.Board(
        256L << 20,
        harts,
        Aia.NONE,
        "rv64imafdc_zicsr_zifencei",
        "rv64i",
        List.of("i", "m", "a", "f", "d", "c", "zicsr", "zifencei"),
        "riscv,sv48",
        bootArgs,
        initrd);
  }

  private static FdtParser parse(VirtTree.Board board) {
    return new FdtParser(VirtTree.flatten(board, new byte[32]));
  }

  @Test
  void describesMemoryConsoleAndCommandLine() {
    FdtParser tree = parse(board(1, "console=ttyS0", Optional.empty()));
    assertThat(tree.number("/memory@80000000:reg", 0)).isEqualTo(0x80000000L);
    assertThat(tree.number("/memory@80000000:reg", 1)).isEqualTo(256L << 20);
    assertThat(tree.text("/chosen:bootargs")).isEqualTo("console=ttyS0");
    String console = tree.text("/chosen:stdout-path");
    assertThat(tree.text(console + ":compatible")).isEqualTo("ns16550a");
    assertThat(tree.properties().get("/chosen:rng-seed")).hasSize(32);
    assertThat(tree.properties()).doesNotContainKey("/chosen:linux,initrd-start");
    assertThat(tree.cell("/cpus:timebase-frequency")).isEqualTo(10_000_000);
  }

  @Test
  void saysWhereTheRamDiskLies() {
    FdtParser tree = parse(board(1, "", Optional.of(new VirtTree.Range(0x88200000L, 0x88300001L))));
    assertThat(tree.number("/chosen:linux,initrd-start", 0)).isEqualTo(0x88200000L);
    assertThat(tree.number("/chosen:linux,initrd-end", 0)).isEqualTo(0x88300001L);
    assertThat(tree.properties()).doesNotContainKey("/chosen:bootargs");
  }

  @Test
  void namesInterruptFilesAndDomainsInThePlicsPlace() {
    VirtTree.Board board =
        new VirtTree.Board(
            256L << 20,
            2,
            Aia.APLIC_IMSIC,
            "rv64imafdc_smaia_ssaia",
            "rv64i",
            List.of("i", "smaia", "ssaia"),
            "riscv,sv48",
            "",
            Optional.empty());
    FdtParser tree = parse(board);
    String files = "/soc/interrupt-controller@28000000:";
    String child = "/soc/interrupt-controller@d000000:";
    assertThat(tree.number(files + "reg", 1)).isEqualTo(0x2000);
    assertThat(tree.cell(files + "riscv,num-ids")).isEqualTo(255);
    int phandle = tree.cell(files + "phandle");
    assertThat(tree.cell("/soc/pci@30000000:msi-parent")).isEqualTo(phandle);
    assertThat(tree.cell(child + "msi-parent")).isEqualTo(phandle);
    assertThat(tree.cell(child + "riscv,num-sources")).isEqualTo(96);
    assertThat(tree.cell("/soc/interrupt-controller@c000000:riscv,children"))
        .isEqualTo(tree.cell(child + "phandle"));
    assertThat(tree.properties()).doesNotContainKey("/soc/plic@c000000:phandle");
    assertThat(tree.properties().get("/soc/serial@10000000:interrupts")).hasSize(8);
  }

  @Test
  void wiresEveryHartToClintAndPlic() {
    FdtParser tree = parse(board(8, "", Optional.empty()));
    ByteBuffer plic =
        ByteBuffer.wrap(tree.properties().get("/soc/plic@c000000:interrupts-extended"));
    ByteBuffer clint =
        ByteBuffer.wrap(tree.properties().get("/soc/clint@2000000:interrupts-extended"));
    for (int hart = 0; hart < 8; hart++) {
      String cpu = "/cpus/cpu@" + hart;
      int controller = tree.cell(cpu + "/interrupt-controller:phandle");
      assertThat(new int[] {plic.getInt(), plic.getInt(), plic.getInt(), plic.getInt()})
          .containsExactly(controller, 11, controller, 9);
      assertThat(new int[] {clint.getInt(), clint.getInt(), clint.getInt(), clint.getInt()})
          .containsExactly(controller, 3, controller, 7);
      assertThat(tree.cell("/cpus/cpu-map/cluster0/core" + hart + ":cpu"))
          .isEqualTo(tree.cell(cpu + ":phandle"));
      assertThat(tree.text(cpu + ":riscv,isa")).startsWith("rv64imafdc");
    }
    assertThat(plic.hasRemaining()).isFalse();
  }

  @Test
  void phandlesAreUniqueAndPointAtSomething() {
    FdtParser tree = parse(board(8, "", Optional.empty()));
    List<Integer> phandles =
        tree.properties().keySet().stream()
            .filter(path -> path.endsWith(":phandle"))
            .map(tree::cell)
            .toList();
    assertThat(phandles).doesNotHaveDuplicates();
    assertThat(phandles).contains(tree.cell("/poweroff:regmap"), tree.cell("/reboot:regmap"));
    assertThat(tree.cell("/soc/rtc@101000:interrupt-parent"))
        .isEqualTo(tree.cell("/soc/plic@c000000:phandle"));
  }

  @Test
  void hasEightVirtioSlotsWithTheirInterrupts() {
    FdtParser tree = parse(board(1, "", Optional.empty()));
    for (int slot = 0; slot < 8; slot++) {
      String node = "/soc/virtio_mmio@" + Long.toHexString(0x10001000L + slot * 0x1000L);
      assertThat(tree.cell(node + ":interrupts")).isEqualTo(1 + slot);
      assertThat(tree.number(node + ":reg", 1)).isEqualTo(0x1000);
    }
    assertThat(tree.properties()).containsKeys("/flash@20000000", "/fw-cfg@10100000");
  }

  @Test
  void thePciNodeIsQemus(@TempDir Path folder) throws IOException, InterruptedException {
    assumeTrue(new File("/usr/bin/qemu-system-riscv64").canExecute(), "needs qemu-system-riscv64");
    Path blob = folder.resolve("virt.dtb");
    Process qemu =
        new ProcessBuilder(
                "qemu-system-riscv64",
                "-M",
                "virt,dumpdtb=" + blob,
                "-m",
                "256",
                "-display",
                "none")
            .redirectErrorStream(true)
            .start();
    qemu.getInputStream().readAllBytes();
    assertThat(qemu.waitFor()).isZero();
    byte[] padded = Files.readAllBytes(blob);
    FdtParser theirs = new FdtParser(Arrays.copyOf(padded, ByteBuffer.wrap(padded).getInt(4)));
    FdtParser ours = parse(board(1, "", Optional.empty()));
    Set<String> names = pciNames(theirs);
    assertThat(pciNames(ours)).isEqualTo(names);
    for (String name : names) {
      byte[] expected = theirs.properties().get(name);
      if (name.endsWith(":interrupt-map")) {
        int here = ours.cell("/soc/plic@c000000:phandle");
        for (int i = 16; i < expected.length; i += 24) {
          ByteBuffer.wrap(expected).putInt(i, here);
        }
      }
      assertThat(ours.properties().get(name)).as(name).isEqualTo(expected);
    }
  }

  private static Set<String> pciNames(FdtParser tree) {
    return tree.properties().keySet().stream()
        .filter(name -> name.startsWith("/soc/pci@30000000"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
