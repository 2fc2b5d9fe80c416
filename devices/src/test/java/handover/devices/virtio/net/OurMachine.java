package handover.devices.virtio.net;

import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.devices.virtio.VirtioMmio;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.WireWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** RAM, a slot, and our network device in it. */
final class OurMachine implements TestMachine, AutoCloseable {
  final GuestMemory memory;
  final VirtioNet device;
  private final VirtioMmio mmio;

  OurMachine(boolean legacy, String options) {
    this(legacy, options, hubPort(new Netdevs(), "n0"), new GuestMemory());
    memory.map(RAM, new RamBlock("ram", HostMapping.allocate("ram", 16 << 20)), true);
  }

  OurMachine(boolean legacy, String options, Netdev netdev, GuestMemory memory) {
    this.memory = memory;
    this.device =
        VirtioNet.create(
                parse("netdev=n0" + options), 0, id -> Optional.of(netdev), memory, this::fail)
            .orElseThrow();
    this.mmio = new VirtioMmio(SLOT, legacy, device, asserted -> {});
  }

  static Netdev hubPort(Netdevs netdevs, String id) {
    return netdevs
        .open(
            "hubport",
            Map.of("id", id, "hubid", "0"),
            problem -> {
              throw new AssertionError(problem);
            })
        .orElseThrow();
  }

  static Map<String, String> parse(String options) {
    Map<String, String> map = new HashMap<>();
    for (String option : options.split(",", -1)) {
      String[] parts = option.split("=", 2);
      map.put(parts[0], parts[1]);
    }
    return map;
  }

  /** The classic section's payload. */
  byte[] section() {
    WireWriter out = new WireWriter();
    device.declaration().classic().orElseThrow().save(device.snapshot(), out);
    return out.toByteArray();
  }

  @Override
  public void register(int offset, int value) {
    mmio.store(offset, 4, value & 0xffff_ffffL);
  }

  @Override
  public int register(int offset) {
    return (int) mmio.load(offset, 4);
  }

  @Override
  public void write(long address, byte[] bytes) {
    memory.write(address, bytes, 0, bytes.length);
  }

  @Override
  public int load16(long address) {
    return memory.loadU16(address);
  }

  @Override
  public void close() {
    device.close();
  }

  private void fail(String problem) {
    throw new AssertionError(problem);
  }
}
