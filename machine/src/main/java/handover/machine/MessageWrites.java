package handover.machine;

import handover.devices.MessageSink;
import handover.memory.GuestMemory;

/**
 * Message-signalled interrupts on a board whose interrupt controller takes none: a message is the
 * memory write that it is on any bus (PCI Local Bus 3.0, 6.8.3), so a guest may watch RAM for it.
 */
record MessageWrites(GuestMemory memory) implements MessageSink {
  @Override
  public void send(long address, int data) {
    GuestMemory.Mapping target = memory.lookup(address, Integer.BYTES);
    if (target != null && target.writable()) {
      memory.storeU32(address, data);
    }
  }
}
