package handover.monitor;

import handover.machine.MachineView;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** 4 KiB of memory at 0x80000000, of which every byte is its offset; seen at 0 as well. */
final class FakeView implements MachineView {
  private static final long BASE = 0x8000_0000L;

  @Override
  public Map<String, String> registers(int hart) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("env.gpr", Arrays.toString(new long[32]));
    all.put("env.fpr", Arrays.toString(new long[32]));
    all.put("env.pc", Long.toUnsignedString(BASE + hart));
    return all;
  }

  @Override
  public List<Region> regions() {
    return List.of(new Region(0x1000, 0x1000, "rom", "rom"), new Region(BASE, 4096, "main", "ram"));
  }

  @Override
  public List<Block> ramBlocks() {
    return List.of(new Block("main", 4096));
  }

  @Override
  public List<Function> functions() {
    byte[] identity = new byte[64];
    identity[0] = (byte) 0xf4;
    identity[1] = 0x1a;
    identity[3] = 0x10;
    identity[11] = 2;
    identity[0x20] = 4;
    identity[0x23] = 0x40;
    identity[0x24] = 1;
    identity[61] = 1;
    return List.of(new Function("bus 0, device 1, function 0", "virtio-net-pci", identity));
  }

  @Override
  public List<Region> roms() {
    return List.of(new Region(BASE, 16, "-kernel Image", "ram"));
  }

  @Override
  public Optional<byte[]> memory(long address, int length) {
    if (address < BASE || address + length > BASE + 4096) {
      return Optional.empty();
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (address - BASE + i);
    }
    return Optional.of(bytes);
  }

  @Override
  public Optional<Long> physical(int hart, long virtual) {
    return virtual < 4096 ? Optional.of(BASE + virtual) : Optional.empty();
  }
}
