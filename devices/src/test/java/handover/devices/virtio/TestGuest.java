package handover.devices.virtio;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A guest with RAM at 0x80000000 and one virtio-mmio device, driven through its registers as a
 * kernel would.
 */
public final class TestGuest {
  /** Where RAM begins. */
  public static final long RAM = 0x8000_0000L;

  private static final long SLOT = 0x1000_8000L;
  private static final long FIRST_RING = RAM + (1 << 20);
  private static final int RAM_BYTES = 16 << 20;

  private final GuestMemory memory;
  private final AtomicInteger interrupts = new AtomicInteger();
  private final List<TestRing> rings = new ArrayList<>();
  private volatile boolean line;
  private boolean packed;
  private VirtioMmio mmio;

  /** A guest with fresh memory. */
  public TestGuest() {
    this(freshMemory());
  }

  /** A guest whose memory has just arrived from another host. */
  public TestGuest(GuestMemory memory) {
    this.memory = memory;
  }

  private static GuestMemory freshMemory() {
    GuestMemory memory = new GuestMemory();
    memory.map(RAM, new RamBlock("test.ram", HostMapping.allocateShared("test", RAM_BYTES)), true);
    return memory;
  }

  /** Guest memory. */
  public GuestMemory memory() {
    return memory;
  }

  /** Puts the device into slot 7, the first QEMU fills. */
  public TestGuest plug(VirtioDevice<?> device, boolean legacy) {
    mmio = new VirtioMmio(SLOT, legacy, device, this::drive);
    return this;
  }

  private void drive(boolean asserted) {
    if (asserted && !line) {
      interrupts.incrementAndGet();
    }
    line = asserted;
  }

  /** The transport. */
  public VirtioMmio mmio() {
    return mmio;
  }

  /** How often the interrupt line rose. */
  public int interrupts() {
    return interrupts.get();
  }

  /** Whether the interrupt line is up. */
  public boolean line() {
    return line;
  }

  /** A 32-bit register. */
  public int read(int register) {
    return (int) mmio.load(register, 4);
  }

  /** Writes a 32-bit register. */
  public void write(int register, int value) {
    mmio.store(register, 4, value & 0xffff_ffffL);
  }

  /** Bytes of configuration space, one at a time. */
  public byte[] config(int offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) mmio.load(0x100 + offset + i, 1);
    }
    return bytes;
  }

  /** What the device offers. */
  public long offered() {
    write(MmioRegister.DEVICE_FEATURES_SEL, 1);
    long high = read(MmioRegister.DEVICE_FEATURES);
    write(MmioRegister.DEVICE_FEATURES_SEL, 0);
    return high << 32 | read(MmioRegister.DEVICE_FEATURES) & 0xffff_ffffL;
  }

  /**
   * Initialises the device (virtio 1.2, 3.1.1) with the offered features that are in {@code wanted}
   * (VERSION_1 is always taken) and rings of these sizes, up to DRIVER_OK.
   */
  public TestGuest start(long wanted, int... sizes) {
    negotiate(wanted);
    for (int size : sizes) {
      addRing(size);
    }
    write(MmioRegister.STATUS, 1 | 2 | (legacy() ? 0 : 8) | 4);
    return this;
  }

  /** Initialises up to FEATURES_OK. */
  public void negotiate(long wanted) {
    write(MmioRegister.STATUS, 0);
    rings.clear();
    write(MmioRegister.STATUS, 1);
    write(MmioRegister.STATUS, 1 | 2);
    long features = offered() & (wanted | Features.VERSION_1);
    packed = (features & Features.RING_PACKED) != 0;
    if (legacy()) {
      write(MmioRegister.GUEST_PAGE_SIZE, 4096);
    } else {
      write(MmioRegister.DRIVER_FEATURES_SEL, 1);
      write(MmioRegister.DRIVER_FEATURES, (int) (features >>> 32));
    }
    write(MmioRegister.DRIVER_FEATURES_SEL, 0);
    write(MmioRegister.DRIVER_FEATURES, (int) features);
    if (!legacy()) {
      write(MmioRegister.STATUS, 1 | 2 | 8);
    }
  }

  /** Sets up the next queue with a ring of its own. */
  public TestRing addRing(int size) {
    int index = rings.size();
    long base = FIRST_RING + (long) index * TestRing.REGION_BYTES;
    TestRing ring = TestRing.of(packed, memory, base, size);
    ring.clear();
    rings.add(ring);
    write(MmioRegister.QUEUE_SEL, index);
    write(MmioRegister.QUEUE_NUM, size);
    if (legacy()) {
      write(MmioRegister.QUEUE_ALIGN, 4096);
      write(MmioRegister.QUEUE_PFN, (int) (base >>> 12));
    } else {
      address(MmioRegister.QUEUE_DESC_LOW, ring.descriptors());
      address(MmioRegister.QUEUE_DRIVER_LOW, ring.available());
      address(MmioRegister.QUEUE_DEVICE_LOW, ring.used());
      write(MmioRegister.QUEUE_READY, 1);
    }
    return ring;
  }

  /** Gives a queue that was reset a fresh ring in its old place. */
  public TestRing resetRing(int index) {
    int size = rings.get(index).size();
    List<TestRing> others = new ArrayList<>(rings);
    rings.subList(index, rings.size()).clear();
    TestRing fresh = addRing(size);
    rings.clear();
    rings.addAll(others);
    rings.set(index, fresh);
    return fresh;
  }

  /** Takes over the rings of the guest this one's memory came from. */
  public TestGuest adoptRings(TestGuest source) {
    rings.clear();
    rings.addAll(source.rings);
    packed = source.packed;
    return this;
  }

  /** A ring set up by {@link #start}. */
  public TestRing ring(int index) {
    return rings.get(index);
  }

  /** A ring set up by {@link #start} without packed rings. */
  public SplitTestRing splitRing(int index) {
    return (SplitTestRing) rings.get(index);
  }

  /** Kicks a queue. */
  public void kick(int queue) {
    write(MmioRegister.QUEUE_NOTIFY, queue);
  }

  /** Reads and acknowledges the interrupt status, as an interrupt handler does. */
  public int acknowledge() {
    int status = read(MmioRegister.INTERRUPT_STATUS);
    write(MmioRegister.INTERRUPT_ACK, status);
    return status;
  }

  /** Waits up to ten seconds for the device to ask for a reset. */
  public void awaitNeedsReset() {
    awaitStatus(DeviceStatus.NEEDS_RESET);
  }

  private void awaitStatus(int bit) {
    long deadline = System.nanoTime() + 10_000_000_000L;
    while ((read(MmioRegister.STATUS) & bit) == 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("status bit 0x%x did not appear within 10 s".formatted(bit));
      }
      Thread.onSpinWait();
    }
  }

  private boolean legacy() {
    return mmio.legacy();
  }

  private void address(int register, long address) {
    write(register, (int) address);
    write(register + 4, (int) (address >>> 32));
  }
}
