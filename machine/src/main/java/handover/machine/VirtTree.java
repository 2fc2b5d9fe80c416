package handover.machine;

import handover.devices.GuestClock;
import handover.machine.DeviceTree.Node;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The device tree of the {@code virt} board, by the bindings that Linux and OpenSBI read: cpus,
 * CLINT and PLIC, the devices of {@link VirtMap}, and what the firmware hands on to the kernel.
 */
final class VirtTree {
  private static final int CPU_INTC = 1;
  private static final int TEST_PHANDLE = 0x21;
  private static final int MACHINE_SOFTWARE = 3;
  private static final int MACHINE_TIMER = 7;
  private static final int UART_CLOCK = 3_686_400;

  private final Board board;
  private final byte[] rngSeed;
  private final InterruptNodes interrupts;
  private final DeviceTree tree = new DeviceTree();

  /**
   * What differs between boards.
   *
   * @param memoryBytes size of main RAM
   * @param harts 1 to 8
   * @param aia which interrupt controllers there are
   * @param isa {@code riscv,isa}, such as {@code rv64imafdc_zicsr_zifencei}
   * @param isaBase {@code riscv,isa-base}, such as {@code rv64i}
   * @param isaExtensions {@code riscv,isa-extensions}, one name each
   * @param mmuType {@code mmu-type}, such as {@code riscv,sv48}
   * @param bootArgs the kernel's command line, may be empty
   * @param initrd where the initial RAM disk lies
   */
  public record Board(
      long memoryBytes,
      int harts,
      Aia aia,
      String isa,
      String isaBase,
      List<String> isaExtensions,
      String mmuType,
      String bootArgs,
      Optional<Range> initrd) {
    /** A board of this shape. */
    static Board of(BoardShape shape, String bootArgs, Optional<Range> initrd) {
      List<String> messages = shape.aia().messages() ? List.of("smaia", "ssaia") : List.of();
      String isa = shape.features().isaString();
      return new Board(
          shape.memoryBytes(),
          shape.harts(),
          shape.aia(),
          isa + String.join("", messages.stream().map(name -> "_" + name).toList()),
          "rv64i",
          Stream.concat(shape.features().isaExtensions().stream(), messages.stream()).toList(),
          shape.features().mmuType(),
          bootArgs,
          initrd);
    }
  }

  /** Guest-physical {@code [start, end)}. */
  public record Range(long start, long end) {}

  private VirtTree(Board board, byte[] rngSeed) {
    this.board = board;
    this.rngSeed = rngSeed.clone();
    int[] controllers = IntStream.range(0, board.harts()).map(hart -> CPU_INTC + hart).toArray();
    this.interrupts = new InterruptNodes(board.aia(), controllers);
  }

  /**
   * The flattened tree of {@code board}.
   *
   * @param rngSeed random bytes for the guest's entropy pool; the caller draws them
   */
  public static byte[] flatten(Board board, byte[] rngSeed) {
    VirtTree builder = new VirtTree(board, rngSeed);
    builder.describe(builder.tree.root());
    return builder.tree.flatten();
  }

  private void describe(Node root) {
    root.cells("#address-cells", 2).cells("#size-cells", 2);
    root.text("compatible", "riscv-virtio").text("model", "riscv-virtio,qemu");
    chosen(root.child("chosen"));
    root.child(at("memory", VirtMap.DRAM))
        .text("device_type", "memory")
        .longs("reg", VirtMap.DRAM, board.memoryBytes());
    cpus(root.child("cpus"));
    syscon(root.child("poweroff"), "syscon-poweroff", 0x5555);
    syscon(root.child("reboot"), "syscon-reboot", 0x7777);
    root.child(at("fw-cfg", VirtMap.FW_CFG))
        .text("compatible", "qemu,fw-cfg-mmio")
        .longs("reg", VirtMap.FW_CFG, VirtMap.FW_CFG_SIZE)
        .flag("dma-coherent");
    root.child(at("flash", VirtMap.FLASH))
        .text("compatible", "cfi-flash")
        .longs(
            "reg",
            VirtMap.FLASH,
            VirtMap.FLASH_BANK_SIZE,
            VirtMap.FLASH + VirtMap.FLASH_BANK_SIZE,
            VirtMap.FLASH_BANK_SIZE)
        .cells("bank-width", 4);
    soc(root.child("soc"));
  }

  private void chosen(Node chosen) {
    chosen.text("stdout-path", "/soc/" + at("serial", VirtMap.UART));
    if (!board.bootArgs().isEmpty()) {
      chosen.text("bootargs", board.bootArgs());
    }
    board
        .initrd()
        .ifPresent(
            r -> chosen.longs("linux,initrd-start", r.start()).longs("linux,initrd-end", r.end()));
    chosen.bytes("rng-seed", rngSeed);
  }

  private void cpus(Node cpus) {
    cpus.cells("#address-cells", 1).cells("#size-cells", 0);
    cpus.cells("timebase-frequency", (int) GuestClock.TICKS_PER_SECOND);
    for (int hart = 0; hart < board.harts(); hart++) {
      cpu(cpus.child("cpu@" + hart), hart);
    }
    Node cluster = cpus.child("cpu-map").child("cluster0");
    for (int hart = 0; hart < board.harts(); hart++) {
      cluster.child("core" + hart).cells("cpu", cpuPhandle(hart));
    }
  }

  private void cpu(Node cpu, int hart) {
    cpu.text("device_type", "cpu").cells("reg", hart).text("status", "okay");
    cpu.text("compatible", "riscv").text("riscv,isa", board.isa());
    cpu.text("riscv,isa-base", board.isaBase());
    cpu.text("riscv,isa-extensions", board.isaExtensions().toArray(String[]::new));
    cpu.text("mmu-type", board.mmuType()).cells("phandle", cpuPhandle(hart));
    cpu.child("interrupt-controller")
        .cells("#interrupt-cells", 1)
        .flag("interrupt-controller")
        .text("compatible", "riscv,cpu-intc")
        .cells("phandle", CPU_INTC + hart);
  }

  private void syscon(Node node, String compatible, int value) {
    node.text("compatible", compatible)
        .cells("regmap", TEST_PHANDLE)
        .cells("offset", 0)
        .cells("value", value);
  }

  private void soc(Node soc) {
    soc.cells("#address-cells", 2).cells("#size-cells", 2);
    soc.text("compatible", "simple-bus").flag("ranges");
    soc.child(at("clint", VirtMap.CLINT))
        .text("compatible", "sifive,clint0", "riscv,clint0")
        .longs("reg", VirtMap.CLINT, VirtMap.CLINT_SIZE)
        .cells("interrupts-extended", interrupts.perHart(MACHINE_SOFTWARE, MACHINE_TIMER));
    interrupts.describe(soc);
    soc.child(at("test", VirtMap.TEST))
        .text("compatible", "sifive,test1", "sifive,test0", "syscon")
        .longs("reg", VirtMap.TEST, VirtMap.TEST_SIZE)
        .cells("phandle", TEST_PHANDLE);
    device(soc, "rtc", VirtMap.RTC, VirtMap.RTC_SIZE, VirtMap.RTC_IRQ)
        .text("compatible", "google,goldfish-rtc");
    device(soc, "serial", VirtMap.UART, VirtMap.UART_SIZE, VirtMap.UART_IRQ)
        .text("compatible", "ns16550a")
        .cells("clock-frequency", UART_CLOCK);
    for (int slot = 0; slot < VirtMap.VIRTIO_SLOTS; slot++) {
      long address = VirtMap.VIRTIO + slot * VirtMap.VIRTIO_SIZE;
      device(soc, "virtio_mmio", address, VirtMap.VIRTIO_SIZE, VirtMap.VIRTIO_IRQ + slot)
          .text("compatible", "virtio,mmio");
    }
    PciNode.describe(soc, interrupts, board.memoryBytes());
  }

  private Node device(Node soc, String name, long address, long size, int irq) {
    return soc.child(at(name, address))
        .longs("reg", address, size)
        .cells("interrupt-parent", InterruptNodes.PARENT)
        .cells("interrupts", interrupts.cells(irq));
  }

  private static int cpuPhandle(int hart) {
    return CPU_INTC + 8 + hart;
  }

  private static String at(String name, long address) {
    return name + "@" + Long.toHexString(address);
  }
}
