package handover.machine;

import handover.devices.MmioBus;
import handover.riscv.PhysicalBus;

/** The devices' bus as harts see it. */
record BoardBus(MmioBus devices) implements PhysicalBus {
  @Override
  public long load(long address, int bytes) throws BusFault {
    MmioBus.Mapping mapping = devices.find(address, bytes);
    if (mapping == null) {
      throw BusFault.INSTANCE;
    }
    return mapping.device().load(address - mapping.base(), bytes);
  }

  @Override
  public void store(long address, int bytes, long value) throws BusFault {
    MmioBus.Mapping mapping = devices.find(address, bytes);
    if (mapping == null) {
      throw BusFault.INSTANCE;
    }
    mapping.device().store(address - mapping.base(), bytes, value);
  }
}
