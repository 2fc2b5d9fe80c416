package handover.machine;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.QemuRelease;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The board's memory: what harts see of it, and its RAM blocks by QEMU's names and in QEMU's order,
 * which is by the room that a block may ever take, the largest first.
 */
final class BoardMemory {
  /**
   * @param room bytes that the block may grow to on QEMU's board; ours keep their size
   * @param since the first release whose board has it
   * @param optional whether a guest may come without it
   */
  private record Placed(RamBlock block, long room, QemuRelease since, boolean optional) {}

  private final GuestMemory guest = new GuestMemory();
  private final List<Placed> blocks = new ArrayList<>();
  private final boolean shared;

  /**
   * Without blocks yet.
   *
   * @param shared whether other processes will map it, which costs huge pages
   */
  BoardMemory(boolean shared) {
    this.shared = shared;
  }

  /** What harts and devices see. */
  GuestMemory guest() {
    return guest;
  }

  /** Memory that harts reach at {@code base}. */
  RamBlock map(String name, long base, long bytes, boolean writable) {
    RamBlock block = add(name, bytes);
    guest.map(base, block, writable);
    return block;
  }

  /** Memory that moves with the guest but is reached through a device only. */
  RamBlock add(String name, long bytes) {
    return add(name, bytes, bytes, QemuRelease.oldest(), false);
  }

  /** The same, for what a guest may come without. */
  RamBlock addOptional(String name, long bytes) {
    return add(name, bytes, bytes, QemuRelease.oldest(), true);
  }

  /**
   * Where QEMU's board keeps ACPI tables for firmware. We build none; what comes with a guest is
   * kept for the QEMU to which it may return.
   */
  void addAcpiTables() {
    add("/rom@etc/acpi/tables", 0x20000, 0x200000, QemuRelease.QEMU_10_0, true);
    add("/rom@etc/table-loader", 0x1000, 0x10000, QemuRelease.QEMU_10_0, true);
    add("/rom@etc/acpi/rsdp", 0x1000, 0x1000, QemuRelease.QEMU_10_0, true);
  }

  private RamBlock add(String name, long bytes, long room, QemuRelease since, boolean optional) {
    HostMapping mapping =
        shared ? HostMapping.allocateShared(name, bytes) : HostMapping.allocate(name, bytes);
    RamBlock block = new RamBlock(name, mapping);
    blocks.add(new Placed(block, room, since, optional));
    blocks.sort(Comparator.comparingLong(Placed::room).reversed());
    return block;
  }

  /** Makes resident, and locks, what the machine's options ask for. */
  void makeResident(Map<String, String> options, Consumer<String> problems) {
    if (options.getOrDefault(BoardShape.PREALLOCATE, "off").equals("on")) {
      blocks.forEach(placed -> placed.block().mapping().populate());
    }
    boolean lock = options.getOrDefault(BoardShape.LOCK, "off").equals("on");
    if (lock && !HostMapping.lockProcess()) {
      problems.accept(
          "-overcommit mem-lock=on: the host refused to lock memory; raise its limit (ulimit -l)");
    }
  }

  /** The blocks that {@code release} has, in its order. */
  List<RamBlock> blocks(QemuRelease release) {
    return blocks.stream().filter(p -> release.isSince(p.since())).map(Placed::block).toList();
  }

  /** The blocks that a guest may come without. */
  List<RamBlock> optionalBlocks() {
    return blocks.stream().filter(Placed::optional).map(Placed::block).toList();
  }
}
