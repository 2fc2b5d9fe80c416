package handover.devices.virtio;

/**
 * A driver of one virtio device on PCI, modern or legacy: finds the structures through the
 * capability list, places the BARs, and sets up rings, as a kernel would.
 */
final class PciDriver {
  private static final long FIRST_RING = PciMachine.RAM + (1 << 20);

  private final OurPciMachine machine;
  private final int slot;
  private final TestRing[] rings = new TestRing[2];
  private long common;
  private long interruptStatus;
  private long deviceConfig;
  private long notify;
  private int notifyMultiplier;
  private int msix;

  PciDriver(OurPciMachine machine, int slot) {
    this.machine = machine;
    this.slot = slot;
  }

  // ---- Configuration space.

  /** Places all BARs, and walks the capabilities. */
  PciDriver probe() {
    config(0x10, 4, 0x1000 + slot * 0x100);
    config(0x14, 4, low());
    config(0x20, 4, PciMachine.MMIO + slot * 0x10_0000);
    config(0x24, 4, 0);
    config(4, 2, 7);
    int at = (int) config(0x34, 1);
    for (int left = 48; at != 0 && left > 0; left--) {
      take(at);
      at = (int) config(at + 1, 1);
    }
    return this;
  }

  private void take(int at) {
    if (config(at, 1) == 0x11) {
      msix = at;
      return;
    }
    long base = PciMachine.MMIO + slot * 0x10_0000 + config(at + 8, 4);
    switch ((int) config(at + 3, 1)) {
      case 1 -> common = base;
      case 2 -> {
        notify = base;
        notifyMultiplier = (int) config(at + 16, 4);
      }
      case 3 -> interruptStatus = base;
      case 4 -> deviceConfig = base;
      default -> {}
    }
  }

  long config(int offset, int bytes) {
    return machine.config(slot, offset, bytes);
  }

  void config(int offset, int bytes, long value) {
    machine.config(slot, offset, bytes, value);
  }

  /** Where BAR 1, the MSI-X table, is. */
  long low() {
    return PciMachine.MMIO + 0x3000_0000L + slot * 0x1000;
  }

  /** Where the legacy ports are. */
  long ports() {
    return PciMachine.PORTS + 0x1000 + slot * 0x100;
  }

  // ---- Registers.

  long read(int offset, int bytes) {
    return machine.load(common + offset, bytes);
  }

  void write(int offset, int bytes, long value) {
    machine.store(common + offset, bytes, value);
  }

  int status() {
    return (int) read(0x14, 1);
  }

  void status(int value) {
    write(0x14, 1, value);
  }

  long deviceConfig(int offset, int bytes) {
    return machine.load(deviceConfig + offset, bytes);
  }

  /** Reading acknowledges. */
  int interruptStatus() {
    return (int) machine.load(interruptStatus, 1);
  }

  long offered() {
    write(0, 4, 1);
    long high = read(4, 4);
    write(0, 4, 0);
    return high << 32 | read(4, 4);
  }

  // ---- Starting.

  /** Up to DRIVER_OK, with two rings of 16. */
  PciDriver start(long wanted) {
    status(0);
    status(3);
    long features = offered() & (wanted | Features.VERSION_1);
    write(8, 4, 0);
    write(12, 4, features);
    write(8, 4, 1);
    write(12, 4, features >>> 32);
    status(11);
    boolean packed = (features & Features.RING_PACKED) != 0;
    for (int queue = 0; queue < rings.length; queue++) {
      addRing(queue, packed);
    }
    status(15);
    return this;
  }

  TestRing addRing(int queue, boolean packed) {
    TestRing ring = ring(queue, packed);
    write(0x16, 2, queue);
    write(0x18, 2, 16);
    address(0x20, ring.descriptors());
    address(0x28, ring.available());
    address(0x30, ring.used());
    write(0x1c, 2, 1);
    return ring;
  }

  private TestRing ring(int queue, boolean packed) {
    long base = FIRST_RING + (long) queue * TestRing.REGION_BYTES;
    rings[queue] = TestRing.of(packed, machine.memory(), base, 16);
    rings[queue].clear();
    return rings[queue];
  }

  /** The legacy interface's start, with one ring of the device's 64. */
  PciDriver startLegacy() {
    machine.store(ports() + 18, 1, 0);
    machine.store(ports() + 18, 1, 3);
    machine.store(ports() + 4, 4, machine.load(ports(), 4));
    rings[0] = TestRing.of(false, machine.memory(), FIRST_RING, 64);
    rings[0].clear();
    machine.store(ports() + 14, 2, 0);
    machine.store(ports() + 8, 4, rings[0].descriptors() >>> 12);
    machine.store(ports() + 18, 1, 7);
    return this;
  }

  private void address(int register, long address) {
    write(register, 4, address);
    write(register + 4, 4, address >>> 32);
  }

  /** Takes over rings and places from the source's driver. */
  PciDriver adopt(PciDriver source) {
    System.arraycopy(source.rings, 0, rings, 0, rings.length);
    common = source.common;
    interruptStatus = source.interruptStatus;
    deviceConfig = source.deviceConfig;
    notify = source.notify;
    notifyMultiplier = source.notifyMultiplier;
    msix = source.msix;
    return this;
  }

  TestRing ring(int queue) {
    return rings[queue];
  }

  void kick(int queue) {
    machine.store(notify + (long) queue * notifyMultiplier, 2, queue);
  }

  void kickLegacy(int queue) {
    machine.store(ports() + 16, 2, queue);
  }

  // ---- MSI-X.

  /** Enables it, and gives each queue and the configuration a vector. */
  void useVectors() {
    config(msix + 2, 2, 0x8000);
    write(0x10, 2, 0);
    for (int queue = 0; queue < 2; queue++) {
      write(0x16, 2, queue);
      write(0x1a, 2, 1 + queue);
    }
  }

  void functionMask(boolean on) {
    config(msix + 2, 2, on ? 0xc000 : 0x8000);
  }

  /** Writes a vector's entry, masked or not. */
  void vector(int vector, long address, int data, boolean masked) {
    long entry = low() + 16L * vector;
    machine.store(entry, 8, address);
    machine.store(entry + 8, 4, data);
    machine.store(entry + 12, 4, masked ? 1 : 0);
  }

  long pending() {
    return machine.load(low() + 0x800, 4);
  }
}
