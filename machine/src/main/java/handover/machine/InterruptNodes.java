package handover.machine;

import handover.devices.Aplic;
import handover.devices.Imsic;
import handover.devices.Plic;
import handover.machine.DeviceTree.Node;

/**
 * The interrupt controllers' nodes in the device tree (bindings sifive,plic-1.0.0, riscv,aplic and
 * riscv,imsics), and how other nodes name their interrupts.
 */
final class InterruptNodes {
  /** {@code &plic}, or the domain that Linux uses. */
  static final int PARENT = 0x20;

  private static final int APLIC_M = 0x22;
  private static final int IMSIC_M = 0x23;
  private static final int IMSIC_S = 0x24;
  private static final int MACHINE_EXTERNAL = 11;
  private static final int SUPERVISOR_EXTERNAL = 9;
  private static final int LEVEL_HIGH = 4;

  private final Aia aia;
  private final int[] hartControllers;

  /**
   * Of a board.
   *
   * @param hartControllers phandle of each hart's own interrupt controller
   */
  InterruptNodes(Aia aia, int[] hartControllers) {
    this.aia = aia;
    this.hartControllers = hartControllers;
  }

  /** What a node writes behind its parent's phandle: the source, and perhaps how it triggers. */
  int[] cells(int irq) {
    return aia == Aia.NONE ? new int[] {irq} : new int[] {irq, LEVEL_HIGH};
  }

  /** Says where a bus's message-signalled interrupts go. */
  void messageParent(Node node) {
    if (aia.messages()) {
      node.cells("msi-parent", IMSIC_S);
    }
  }

  void describe(Node soc) {
    if (aia == Aia.NONE) {
      plic(soc);
      return;
    }
    if (aia.messages()) {
      files(soc, VirtMap.IMSIC_M, IMSIC_M, MACHINE_EXTERNAL);
      files(soc, VirtMap.IMSIC_S, IMSIC_S, SUPERVISOR_EXTERNAL);
    }
    int sources = Aplic.SOURCES - 1;
    domain(soc, VirtMap.APLIC_M, APLIC_M, IMSIC_M, MACHINE_EXTERNAL)
        .cells("riscv,children", PARENT)
        .cells("riscv,delegation", PARENT, 1, sources)
        .cells("riscv,delegate", PARENT, 1, sources);
    Node unused = domain(soc, VirtMap.APLIC_S, PARENT, IMSIC_S, SUPERVISOR_EXTERNAL);
  }

  private void plic(Node soc) {
    soc.child("plic@" + Long.toHexString(VirtMap.PLIC))
        .text("compatible", "sifive,plic-1.0.0", "riscv,plic0")
        .longs("reg", VirtMap.PLIC, VirtMap.PLIC_SIZE)
        .cells("interrupts-extended", perHart(MACHINE_EXTERNAL, SUPERVISOR_EXTERNAL))
        .flag("interrupt-controller")
        .cells("#interrupt-cells", 1)
        .cells("#address-cells", 0)
        .cells("riscv,ndev", Plic.SOURCES - 1)
        .cells("phandle", PARENT);
  }

  private void files(Node soc, long base, int phandle, int line) {
    soc.child("interrupt-controller@" + Long.toHexString(base))
        .text("compatible", "qemu,imsics", "riscv,imsics")
        .longs("reg", base, hartControllers.length * Imsic.SIZE)
        .cells("interrupts-extended", perHart(line))
        .flag("interrupt-controller")
        .flag("msi-controller")
        .cells("#interrupt-cells", 0)
        .cells("#msi-cells", 0)
        .cells("riscv,num-ids", Imsic.IDENTITIES - 1)
        .cells("phandle", phandle);
  }

  private Node domain(Node soc, long base, int phandle, int files, int line) {
    Node node =
        soc.child("interrupt-controller@" + Long.toHexString(base))
            .text("compatible", "qemu,aplic", "riscv,aplic")
            .longs("reg", base, Aplic.SIZE)
            .flag("interrupt-controller")
            .cells("#interrupt-cells", 2)
            .cells("#address-cells", 0)
            .cells("riscv,num-sources", Aplic.SOURCES - 1)
            .cells("phandle", phandle);
    return aia.messages()
        ? node.cells("msi-parent", files)
        : node.cells("interrupts-extended", perHart(line));
  }

  /** For each hart its controller and these inputs of it. */
  int[] perHart(int... lines) {
    int[] cells = new int[hartControllers.length * lines.length * 2];
    int at = 0;
    for (int controller : hartControllers) {
      for (int line : lines) {
        cells[at++] = controller;
        cells[at++] = line;
      }
    }
    return cells;
  }
}
