package handover.machine;

import handover.devices.AcpiBuildState;
import handover.devices.ConsoleEscapes;
import handover.devices.GuestClock;
import handover.devices.GuestTimers;
import handover.devices.Lifecycle;
import handover.devices.MmioBus;
import handover.devices.TestDevice;
import handover.devices.net.Netdev;
import handover.memory.GuestMemory;
import handover.memory.RamBlock;
import handover.memory.Scheduling;
import handover.riscv.Hart;
import handover.riscv.HartGroup;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The {@code virt} board: harts, memory and devices wired together at QEMU's addresses.
 *
 * <p>Everything here is fixed once built; who may call what when is {@link VirtualMachine}'s
 * matter.
 */
final class VirtBoard implements AutoCloseable {
  /** RAM block of main memory. */
  static final String MAIN_RAM = "riscv_virt_board.ram";

  private final MachineSpec spec;
  private final BoardShape shape;
  private final BackendSet backends;
  private final BoardMemory blocks;
  private final GuestMemory memory;
  private final MmioBus bus = new MmioBus();
  private final List<Hart> harts = new ArrayList<>();
  private final HartGroup hartGroup;
  private final GuestClock clock = new GuestClock(System::nanoTime);
  private final GuestTimers timers = GuestTimers.start(clock);
  private final RamBlock bootRom;
  private final OnBoardDevices onBoard;
  private final PluggedDevices plugged;
  private final List<Lifecycle> devices = new ArrayList<>();
  private final AcpiBuildState acpiBuild = new AcpiBuildState();
  private final HartThreads threads;
  private final Optional<BootImages> images;
  private Runnable onPowerOff = () -> {};
  private Runnable onReset = () -> {};
  private Runnable onHartFailure = () -> {};

  /**
   * Builds the board.
   *
   * @throws MachineSpecException with every problem found; nothing stays open then
   */
  static VirtBoard build(MachineSpec spec, ConsoleEscapes escapes) throws MachineSpecException {
    List<String> problems = new ArrayList<>();
    BoardShape shape = BoardShape.of(spec, problems::add);
    BackendSet backends = BackendSet.open(spec, escapes, problems::add);
    VirtBoard board = new VirtBoard(spec, shape, backends, problems::add);
    if (!problems.isEmpty()) {
      board.close();
      throw new MachineSpecException(problems);
    }
    return board;
  }

  private VirtBoard(
      MachineSpec spec, BoardShape shape, BackendSet backends, Consumer<String> problems) {
    this.spec = spec;
    this.shape = shape;
    this.backends = backends;
    blocks = new BoardMemory(backends.netdevs().stream().anyMatch(n -> n.rings().isPresent()));
    memory = blocks.guest();
    blocks.map(MAIN_RAM, VirtMap.DRAM, shape.memoryBytes(), true);
    List<RamBlock> flash =
        List.of(
            blocks.add("virt.flash0", VirtMap.FLASH_BANK_SIZE),
            blocks.add("virt.flash1", VirtMap.FLASH_BANK_SIZE));
    bootRom = blocks.map("riscv_virt_board.mrom", VirtMap.MROM, VirtMap.MROM_SIZE, false);
    blocks.addAcpiTables();

    hartGroup = new HartGroup(spec.acceleration());
    addHarts(shape.harts());
    onBoard =
        new OnBoardDevices(
            shape,
            bus,
            memory,
            harts,
            clock,
            timers,
            flash,
            backends.console(),
            new PowerRequests());
    harts.forEach(hart -> hart.onTimerAsked(() -> onBoard().aclint().armed(hart.id())));
    devices.addAll(onBoard.lifecycles());
    plugged = plugDevices(problems);
    devices.addAll(plugged.devices());
    blocks.makeResident(spec.machineOptions(), problems);
    images = planImages(problems);
    // A guest that arrives alive has waited for its first turn long enough.
    Runnable begin = spec.arrivesAlive() ? Scheduling::shortTurns : () -> {};
    threads = new HartThreads(harts, hartGroup, begin, () -> onHartFailure.run());
  }

  // ---- What it is

  MachineVersion version() {
    return shape.version();
  }

  /** Whose stream is written. */
  QemuRelease stream() {
    return shape.stream();
  }

  List<RamBlock> ramBlocks() {
    return ramBlocks(shape.stream());
  }

  /** Those that {@code release} has. */
  List<RamBlock> ramBlocks(QemuRelease release) {
    return blocks.blocks(release);
  }

  List<RamBlock> optionalRamBlocks() {
    return blocks.optionalBlocks();
  }

  List<DeviceNode> deviceNodes() {
    return plugged.nodes();
  }

  List<Netdev> netdevs() {
    return backends.netdevs();
  }

  /** What can be looked at. */
  MachineView view() {
    return new BoardView(
        harts,
        memory,
        bus,
        onBoard.pci().bus(),
        () -> ramBlocks().stream().map(b -> new MachineView.Block(b.name(), b.size())).toList(),
        () -> images.map(BootImages::regions).orElse(List.of()),
        BoardObjects.of(shape, bus, legacyMmio()),
        plugged.named(),
        this::whileHeld);
  }

  long instructions() {
    return harts.stream().mapToLong(Hart::instructions).sum();
  }

  /** Everything with state, in the order of QEMU's stream. */
  List<Migratable<?>> sections(GlobalState globalState) {
    List<Migratable<?>> sections = new ArrayList<>();
    sections.add(clock);
    harts.forEach(
        hart -> {
          sections.add(hart.common());
          sections.add(hart);
        });
    sections.addAll(onBoard.sections());
    sections.addAll(plugged.devices());
    if (!stream().isSince(QemuRelease.QEMU_10_0)) {
      sections.remove(onBoard.fwCfg());
      sections.add(onBoard.fwCfg());
    }
    sections.add(acpiBuild);
    sections.add(globalState);
    return sections;
  }

  /** What must agree with another board, beyond memory and sections. */
  Map<String, String> agreementProperties() {
    Map<String, String> agreed = new LinkedHashMap<>();
    agreed.put("smp", Integer.toString(harts.size()));
    agreed.put("aia", shape.aia().wireName());
    agreed.put("cpu", shape.features().isaString() + " " + shape.features().mmuType());
    agreed.putAll(plugged.agreed());
    return agreed;
  }

  // ---- What it does

  /** Who hears what happens on a hart's thread: the guest asks, or the hart breaks down. */
  void onHartEvents(Runnable powerOff, Runnable reset, Runnable failure) {
    onPowerOff = powerOff;
    onReset = reset;
    onHartFailure = failure;
  }

  /** Puts firmware, kernel and device tree into memory, and the harts at their start. */
  void loadImages() {
    images.ifPresent(i -> i.load(memory, bootRom));
    harts.forEach(hart -> hart.reset(VirtMap.MROM));
  }

  /**
   * Puts a loop that waits into the boot ROM instead of a guest, and has every modern virtio device
   * started.
   */
  void loadIdleGuest() {
    IdleGuest.load(bootRom);
    harts.forEach(hart -> hart.reset(VirtMap.MROM));
    IdleGuest.startDevices(bus, plugged.functions());
  }

  /** Everything back to power-on; memory stays. The board must be paused. */
  void reset() {
    devices.forEach(Lifecycle::reset);
    harts.forEach(hart -> hart.reset(VirtMap.MROM));
    threads.recover();
  }

  /** Stops harts, devices and time, in this order; returns when all is quiet. */
  void pause() {
    threads.hold();
    devices.forEach(Lifecycle::pause);
    clock.pause();
  }

  /**
   * Undoes {@link #pause}, or starts a board just built.
   *
   * @return {@link System#nanoTime} when the harts were released
   */
  long resume() {
    clock.resume();
    devices.forEach(Lifecycle::resume);
    long released = System.nanoTime();
    threads.release();
    return released;
  }

  /**
   * Completes an arrival: a pending software interrupt travels in its hart's {@code mip}, as QEMU
   * sends it, and the ACLINT that drives the wire learns of it here.
   */
  void arrived() {
    harts.forEach(hart -> onBoard.aclint().msip(hart.id(), hart.interrupt(OnBoardDevices.MSIP)));
  }

  /** Runs {@code work} with the harts at a boundary. */
  void whileHeld(Runnable work) {
    threads.hold();
    try {
      work.run();
    } finally {
      threads.release();
    }
  }

  /** Makes every hart's next store to a page reach the dirty log. The harts must be held. */
  void dropWritePermissions() {
    harts.forEach(Hart::dropWritePermissions);
  }

  /** Tells the networks where the guest is now. */
  void announceSelf() {
    plugged.announceSelf();
  }

  @Override
  public void close() {
    threads.quit();
    plugged.close();
    timers.close();
    backends.close();
  }

  // ---- How it is built

  private void addHarts(int count) {
    BoardBus physical = new BoardBus(bus);
    for (int id = 0; id < count; id++) {
      harts.add(
          new Hart(
              id, shape.features(), memory, physical, () -> onBoard().aclint().mtime(), hartGroup));
    }
  }

  /** What the harts share. */
  HartGroup hartGroup() {
    return hartGroup;
  }

  /** Harts know it before it is there, and use it when they run. */
  private OnBoardDevices onBoard() {
    return onBoard;
  }

  private PluggedDevices plugDevices(Consumer<String> problems) {
    SerialPorts ports = SerialPorts.of(spec.devices(), backends.chardevs(), problems);
    InterruptControllers interrupts = onBoard.interrupts();
    VirtioSlots slots =
        new VirtioSlots(
            bus,
            interrupts::input,
            onBoard.pci(),
            new OptionRoms(blocks),
            interrupts.messages(),
            legacyMmio());
    return new PluggedDevices(
        spec.devices(), new DeviceDrivers(shape, memory, backends, ports), slots, problems);
  }

  private boolean legacyMmio() {
    return spec.machineOptions().getOrDefault("virtio-mmio-legacy", "off").equals("on");
  }

  private Optional<BootImages> planImages(Consumer<String> problems) {
    boolean arrives = spec.incoming().isPresent();
    if (arrives && spec.bios().isEmpty() && spec.kernel().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        BootImages.plan(
            shape.memoryBytes(),
            arrives ? BootFile.MAPPED : BootFile.READ,
            spec.bios(),
            spec.kernel(),
            spec.initrd(),
            this::deviceTree,
            problems));
  }

  private byte[] deviceTree(Optional<VirtTree.Range> initrd) {
    byte[] seed = new byte[32];
    new SecureRandom().nextBytes(seed);
    return VirtTree.flatten(VirtTree.Board.of(shape, spec.append(), initrd), seed);
  }

  /** Passes on what the guest asks of the test device. */
  private final class PowerRequests implements TestDevice.Listener {
    @Override
    public void powerOff(int code) {
      onPowerOff.run();
    }

    @Override
    public void reset() {
      onReset.run();
    }
  }
}
