package handover.machine;

import handover.devices.Imsic;
import handover.devices.MessageSink;
import handover.memory.GuestMemory;
import java.util.List;

/**
 * Message-signalled interrupts: a message is the memory write that it is on any bus (PCI Local Bus
 * 3.0, 6.8.3). It reaches the interrupt files of harts, and RAM, which a guest may watch for it.
 *
 * @param machine interrupt files of machine level, by hart; none on a board without
 * @param supervisor interrupt files of supervisor level, likewise
 */
record MessageWrites(GuestMemory memory, List<Imsic> machine, List<Imsic> supervisor)
    implements MessageSink {
  @Override
  public void send(long address, int data) {
    boolean arrived =
        arrived(machine, address - VirtMap.IMSIC_M, data)
            || arrived(supervisor, address - VirtMap.IMSIC_S, data);
    if (!arrived) {
      write(address, data);
    }
  }

  private static boolean arrived(List<Imsic> files, long offset, int data) {
    boolean there = offset >= 0 && offset < files.size() * Imsic.SIZE;
    if (there) {
      files.get((int) (offset / Imsic.SIZE)).store(offset % Imsic.SIZE, 4, data);
    }
    return there;
  }

  private void write(long address, int data) {
    GuestMemory.Mapping target = memory.lookup(address, Integer.BYTES);
    if (target != null && target.writable()) {
      memory.storeU32(address, data);
    }
  }
}
