package handover.machine;

import handover.devices.MmioBus;
import handover.devices.virtio.IdleDriver;
import handover.devices.virtio.IdlePciDriver;
import handover.devices.virtio.VirtioMmio;
import handover.devices.virtio.VirtioPci;
import handover.memory.RamBlock;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What a board runs where no guest is wanted, in a rehearsal: a loop that waits, and every modern
 * virtio device started as if by a driver, so that there is state to move.
 */
final class IdleGuest {
  private static final ValueLayout.OfInt CODE =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** {@code wfi}, and a jump to the instruction before. */
  private static final int WAIT_FOR_INTERRUPT = 0x1050_0073;

  private static final int JUMP_BACK = 0xffdf_f06f;

  private IdleGuest() {}

  /** Puts the loop at the beginning of the boot ROM, where harts start. */
  static void load(RamBlock bootRom) {
    bootRom.segment().set(CODE, 0, WAIT_FOR_INTERRUPT);
    bootRom.segment().set(CODE, 4, JUMP_BACK);
    bootRom.dirtyLog().mark(0, 8);
  }

  /** Starts every modern device; their rings lie at the beginning of main memory. */
  static void startDevices(MmioBus bus, List<VirtioPci> functions) {
    for (MmioBus.Mapping mapping : bus.mappings()) {
      if (mapping.device() instanceof VirtioMmio slot) {
        IdleDriver.start(slot, VirtMap.DRAM);
      }
    }
    functions.forEach(function -> IdlePciDriver.start(function, VirtMap.DRAM));
  }
}
