package handover.migration;

import handover.memory.DirtyLog;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.GroupForm;
import handover.vmstate.Migratable;
import handover.vmstate.StreamException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** A machine of RAM and fake devices, with a writer thread as its one hart. */
final class FakeMachine implements MigratableMachine, AutoCloseable {
  final List<RamBlock> blocks = new ArrayList<>();
  final List<FakeDevice> devices = new ArrayList<>();
  final List<FakeNet> networks = new ArrayList<>();
  final Map<String, String> properties = new TreeMap<>(Map.of("smp", "1", "cpu.isa", "rv64gc"));
  final AtomicInteger announces = new AtomicInteger();
  final AtomicInteger resumes = new AtomicInteger();
  final AtomicReference<byte[]> warmedUp = new AtomicReference<>();
  volatile byte[] hotCode = {};
  volatile String version = "virt-1.0";
  volatile boolean handedOver;
  volatile int pagesPerTick = 8;
  volatile int span = 64;

  /** What happens in the last moment in which the guest runs. */
  volatile Runnable lastInstant = () -> {};

  private final ReentrantLock boundary = new ReentrantLock();
  private volatile boolean running;
  private volatile boolean quit;
  private final Thread hart = new Thread(this::execute, "fake hart");
  private long instruction;

  @Override
  public byte[] hotCode() {
    return hotCode;
  }

  /** Believes nothing that begins with 0. */
  @Override
  public void warmUp(byte[] hot, BooleanSupplier enough) {
    warmedUp.set(hot);
    if (hot.length > 0 && hot[0] == 0) {
      throw new StreamException("nonsense");
    }
  }

  FakeMachine(int megabytes, int deviceCount) {
    block("fake.ram", (long) megabytes << 20);
    block("fake.flash", 64 << 10);
    for (int i = 0; i < deviceCount; i++) {
      devices.add(new FakeDevice("fake" + i, 4));
    }
    hart.setDaemon(true);
    hart.start();
  }

  void block(String name, long bytes) {
    blocks.add(new RamBlock(name, HostMapping.allocate(name, bytes)));
  }

  /** Writes something recognisable into every {@code stride}th page. */
  void fill(int stride) {
    RamBlock ram = blocks.get(0);
    for (long offset = 0; offset < ram.size(); offset += (long) stride << 12) {
      for (int i = 0; i < 4096; i += 8) {
        ram.segment().set(ValueLayout.JAVA_LONG, offset + i, offset * 31 + i + 1);
      }
      ram.dirtyLog().mark(offset);
    }
  }

  void run() {
    running = true;
    networks.forEach(n -> n.wire().running(true));
    LockSupport.unpark(hart);
  }

  List<Long> memoryDigest() {
    return blocks.stream().map(RamFormat::digest).toList();
  }

  List<String> deviceDigests() {
    return devices.stream()
        .map(d -> HexFormat.of().formatHex(GroupForm.digest(d.declaration(), d.snapshot())))
        .toList();
  }

  private void execute() {
    while (!quit) {
      if (!running) {
        LockSupport.parkNanos(1_000_000);
        continue;
      }
      boundary.lock();
      try {
        for (int i = 0; running && i < pagesPerTick; i++) {
          RamBlock ram = blocks.get(0);
          instruction++;
          long page = instruction * 0x9e37_79b9L % Math.min(span, ram.size() >> 12);
          long offset = (Math.abs(page) << DirtyLog.PAGE_SHIFT) + (instruction & 511) * 8;
          ram.segment().set(ValueLayout.JAVA_LONG, offset, instruction);
          ram.dirtyLog().mark(offset);
        }
        if (running) {
          devices.forEach(FakeDevice::tick);
        }
      } finally {
        boundary.unlock();
      }
      LockSupport.parkNanos(200_000);
    }
  }

  @Override
  public String machineType() {
    return "virt";
  }

  @Override
  public String machineVersion() {
    return version;
  }

  @Override
  public List<RamBlock> ramBlocks() {
    return List.copyOf(blocks);
  }

  @Override
  public List<Migratable<?>> sections() {
    List<Migratable<?>> all = new ArrayList<>(devices);
    all.addAll(networks);
    return all;
  }

  @Override
  public Map<String, String> agreementProperties() {
    return properties;
  }

  @Override
  public boolean running() {
    return running;
  }

  @Override
  public void stopForMigration() {
    boundary.lock();
    try {
      lastInstant.run();
      running = false;
      networks.forEach(n -> n.wire().running(false));
    } finally {
      boundary.unlock();
    }
  }

  @Override
  public void resumeAfterFailure() {
    resumes.incrementAndGet();
    run();
  }

  @Override
  public void handedOver() {
    handedOver = true;
  }

  @Override
  public long startAfterMigration() {
    handedOver = false;
    run();
    return System.nanoTime();
  }

  @Override
  public void recordDirtyPages(boolean on) {
    for (RamBlock block : blocks) {
      if (on) {
        block.dirtyLog().start();
      } else {
        block.dirtyLog().stop();
      }
    }
  }

  @Override
  public long collectDirtyPages(long[][] into) {
    boundary.lock();
    try {
      long fresh = 0;
      for (int i = 0; i < blocks.size(); i++) {
        fresh += blocks.get(i).dirtyLog().collect(into[i]);
      }
      return fresh;
    } finally {
      boundary.unlock();
    }
  }

  @Override
  public void announceSelf() {
    announces.incrementAndGet();
    networks.forEach(FakeNet::announce);
  }

  @Override
  public void close() {
    quit = true;
  }
}
