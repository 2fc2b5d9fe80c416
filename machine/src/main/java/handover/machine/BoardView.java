package handover.machine;

import handover.devices.MmioBus;
import handover.devices.pci.PciAddress;
import handover.devices.pci.PciBus;
import handover.devices.pci.PciDevice;
import handover.devices.virtio.VirtioDevice;
import handover.memory.GuestMemory;
import handover.memory.GuestMemoryFault;
import handover.riscv.Hart;
import handover.vmstate.FieldText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The board as a monitor looks at it. What belongs to harts is read with the harts held. */
final class BoardView implements MachineView {
  private static final int SLOTS = 32;
  private static final int FUNCTIONS = 8;
  private static final int IDENTITY = 64;

  private final List<Hart> harts;
  private final GuestMemory memory;
  private final MmioBus bus;
  private final PciBus pci;
  private final Supplier<List<Block>> blocks;
  private final Supplier<List<Region>> roms;
  private final List<DeviceNode> objects;
  private final List<Plugged> plugged;
  private final Consumer<Runnable> whileHeld;

  /** A virtio device by the names that monitors have for it. */
  record Plugged(DeviceNode node, VirtioDevice<?> device) {}

  BoardView(
      List<Hart> harts,
      GuestMemory memory,
      MmioBus bus,
      PciBus pci,
      Supplier<List<Block>> blocks,
      Supplier<List<Region>> roms,
      List<DeviceNode> objects,
      List<Plugged> plugged,
      Consumer<Runnable> whileHeld) {
    this.harts = harts;
    this.memory = memory;
    this.bus = bus;
    this.pci = pci;
    this.blocks = blocks;
    this.roms = roms;
    this.objects = objects;
    this.plugged = plugged;
    this.whileHeld = whileHeld;
  }

  @Override
  public Map<String, String> registers(int hart) {
    Hart wanted = harts.get(hart);
    Map<String, String> values = new LinkedHashMap<>();
    whileHeld.accept(
        () -> {
          var state = wanted.snapshot();
          wanted.declaration().groups().forEach(group -> values.putAll(FieldText.of(group, state)));
        });
    return values;
  }

  @Override
  public List<Region> regions() {
    List<Region> all = new ArrayList<>();
    for (GuestMemory.Mapping m : memory.mappings()) {
      all.add(
          new Region(m.base(), m.block().size(), m.block().name(), m.writable() ? "ram" : "rom"));
    }
    for (MmioBus.Mapping m : bus.mappings()) {
      all.add(new Region(m.base(), m.size(), m.device().name(), "i/o"));
    }
    all.sort(Comparator.comparingLong(Region::base));
    return all;
  }

  @Override
  public List<Block> ramBlocks() {
    return blocks.get();
  }

  @Override
  public List<Function> functions() {
    List<Function> all = new ArrayList<>();
    for (int slot = 0; slot < SLOTS; slot++) {
      for (int function = 0; function < FUNCTIONS; function++) {
        PciAddress at = new PciAddress(slot, function);
        pci.at(at).ifPresent(device -> all.add(function(at, device)));
      }
    }
    return all;
  }

  private static Function function(PciAddress at, PciDevice device) {
    byte[] identity = new byte[IDENTITY];
    for (int i = 0; i < IDENTITY; i++) {
      identity[i] = (byte) device.loadConfig(i, 1);
    }
    return new Function(
        at,
        "bus 0, device %d, function %d".formatted(at.slot(), at.function()),
        device.name(),
        identity,
        device.function().layout().bars());
  }

  @Override
  public List<DeviceNode> objects() {
    return objects;
  }

  @Override
  public List<Virtio> virtio() {
    return plugged.stream().map(BoardView::virtio).toList();
  }

  private static Virtio virtio(Plugged plugged) {
    VirtioDevice<?> device = plugged.device();
    return new Virtio(
        plugged.node().path(),
        device.identity().name(),
        device.identity().deviceId(),
        device.hostFeatures(),
        device.driver(),
        device.queueCount());
  }

  @Override
  public List<Region> roms() {
    return roms.get();
  }

  @Override
  public Optional<byte[]> memory(long address, int length) {
    byte[] bytes = new byte[length];
    try {
      memory.read(address, bytes, 0, length);
      return Optional.of(bytes);
    } catch (GuestMemoryFault e) {
      return Optional.empty();
    }
  }

  @Override
  public Optional<Long> physical(int hart, long virtual) {
    AtomicReference<Optional<Long>> found = new AtomicReference<>();
    whileHeld.accept(() -> found.set(harts.get(hart).physical(virtual)));
    return found.get();
  }
}
