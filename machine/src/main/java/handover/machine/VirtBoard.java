package handover.machine;

import handover.devices.Aclint;
import handover.devices.AcpiBuildState;
import handover.devices.ConsoleEscapes;
import handover.devices.Flash;
import handover.devices.FwCfg;
import handover.devices.GoldfishRtc;
import handover.devices.GuestClock;
import handover.devices.GuestTimers;
import handover.devices.InterruptLine;
import handover.devices.Lifecycle;
import handover.devices.MmioBus;
import handover.devices.Property;
import handover.devices.TestDevice;
import handover.devices.Uart;
import handover.devices.net.Netdev;
import handover.devices.virtio.IdleDriver;
import handover.devices.virtio.IdlePciDriver;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioMmio;
import handover.devices.virtio.VirtioPci;
import handover.devices.virtio.net.VirtioNet;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.riscv.Hart;
import handover.riscv.HartGroup;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The {@code virt} board: harts, memory and devices wired together at QEMU's addresses.
 *
 * <p>Everything here is fixed once built; who may call what when is {@link VirtualMachine}'s
 * matter.
 */
final class VirtBoard implements AutoCloseable {
  /** RAM block of main memory. */
  static final String MAIN_RAM = "riscv_virt_board.ram";

  /** {@code wfi}, and a jump to the instruction before. */
  private static final int WAIT_FOR_INTERRUPT = 0x1050_0073;

  private static final int JUMP_BACK = 0xffdf_f06f;

  private static final int MSIP = 3;
  private static final int MTIP = 7;

  private final MachineSpec spec;
  private final BoardShape shape;
  private final BackendSet backends;
  private final BoardMemory blocks;
  private final GuestMemory memory;
  private final MmioBus bus = new MmioBus();
  private final List<Hart> harts = new ArrayList<>();
  private HartGroup hartGroup;
  private final List<Lifecycle> devices = new ArrayList<>();
  private final List<VirtioDevice<?>> virtio = new ArrayList<>();
  private final List<VirtioPci> functions = new ArrayList<>();
  private final List<DeviceNode> nodes = new ArrayList<>();
  private final GuestClock clock = new GuestClock(System::nanoTime);
  private final GuestTimers timers = GuestTimers.start(clock);
  private final RamBlock bootRom;
  private final Aclint aclint;
  private final InterruptControllers interrupts;
  private final PciRoot pci;
  private final Uart uart;
  private final GoldfishRtc rtc;
  private final FwCfg fwCfg;
  private final List<Flash> flash;
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
    RamBlock flash0 = blocks.add("virt.flash0", VirtMap.FLASH_BANK_SIZE);
    RamBlock flash1 = blocks.add("virt.flash1", VirtMap.FLASH_BANK_SIZE);
    bootRom = blocks.map("riscv_virt_board.mrom", VirtMap.MROM, VirtMap.MROM_SIZE, false);
    blocks.addAcpiTables();

    addHarts(shape.harts());
    aclint = add(VirtMap.CLINT, new Aclint(clock, timers, lines(MSIP), lines(MTIP)));
    harts.forEach(hart -> hart.onTimerAsked(() -> aclint().armed(hart.id())));
    interrupts = new InterruptControllers(shape.aia(), bus, memory, harts);
    devices.addAll(interrupts.lifecycles());
    pci = new PciRoot(bus, interrupts, shape.memoryBytes());
    devices.addAll(pci.lifecycles());
    uart = add(VirtMap.UART, new Uart(backends.console(), interrupts.input(VirtMap.UART_IRQ)));
    rtc =
        add(
            VirtMap.RTC,
            new GoldfishRtc(
                GoldfishRtc::hostWallNanos, clock, timers, interrupts.input(VirtMap.RTC_IRQ)));
    fwCfg = add(VirtMap.FW_CFG, firmwareConfiguration());
    flash =
        List.of(
            add(VirtMap.FLASH, new Flash(0, flash0, readable -> {})),
            add(VirtMap.FLASH + VirtMap.FLASH_BANK_SIZE, new Flash(1, flash1, readable -> {})));
    add(VirtMap.TEST, new TestDevice(new PowerRequests()));
    addVirtio(problems);
    makeResident(problems);
    images = planImages(problems);
    threads = new HartThreads(harts, hartGroup, () -> onHartFailure.run());
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
    return nodes;
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
        pci.bus(),
        () -> ramBlocks().stream().map(b -> new MachineView.Block(b.name(), b.size())).toList(),
        () -> images.map(BootImages::regions).orElse(List.of()),
        BoardObjects.of(shape, bus, legacyMmio()),
        IntStream.range(0, nodes.size())
            .mapToObj(i -> new BoardView.Plugged(nodes.get(i), virtio.get(i)))
            .toList(),
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
    sections.add(aclint);
    sections.addAll(interrupts.sections());
    sections.add(fwCfg);
    sections.addAll(pci.sections());
    sections.addAll(List.of(uart, rtc));
    sections.addAll(flash);
    sections.addAll(virtio);
    if (!stream().isSince(QemuRelease.QEMU_10_0)) {
      sections.remove(fwCfg);
      sections.add(fwCfg);
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
    for (DeviceNode node : nodes) {
      for (Property property : node.properties().declared()) {
        if (property.agreed()) {
          String name = property.name();
          agreed.put(node.sectionName() + "." + name, node.properties().text(name));
        }
      }
    }
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
    ValueLayout.OfInt code = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    bootRom.segment().set(code, 0, WAIT_FOR_INTERRUPT);
    bootRom.segment().set(code, 4, JUMP_BACK);
    harts.forEach(hart -> hart.reset(VirtMap.MROM));
    for (MmioBus.Mapping mapping : bus.mappings()) {
      if (mapping.device() instanceof VirtioMmio slot) {
        IdleDriver.start(slot, VirtMap.DRAM);
      }
    }
    functions.forEach(function -> IdlePciDriver.start(function, VirtMap.DRAM));
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
    harts.forEach(hart -> aclint.msip(hart.id(), hart.interrupt(MSIP)));
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
    virtio.stream()
        .filter(VirtioNet.class::isInstance)
        .map(VirtioNet.class::cast)
        .forEach(
            net -> {
              net.announceSelf();
              net.announce();
            });
  }

  @Override
  public void close() {
    threads.quit();
    virtio.forEach(VirtioDevice::close);
    timers.close();
    backends.close();
  }

  // ---- How it is built

  private void makeResident(Consumer<String> problems) {
    if (spec.machineOptions().getOrDefault(BoardShape.PREALLOCATE, "off").equals("on")) {
      blocks.populate();
    }
    boolean lock = spec.machineOptions().getOrDefault(BoardShape.LOCK, "off").equals("on");
    if (lock && !HostMapping.lockProcess()) {
      problems.accept(
          "-overcommit mem-lock=on: the host refused to lock memory; raise its limit (ulimit -l)");
    }
  }

  private void addHarts(int count) {
    hartGroup = new HartGroup(spec.acceleration());
    BoardBus physical = new BoardBus(bus);
    for (int id = 0; id < count; id++) {
      harts.add(
          new Hart(id, shape.features(), memory, physical, () -> aclint().mtime(), hartGroup));
    }
  }

  /** What the harts share. */
  HartGroup hartGroup() {
    return hartGroup;
  }

  private Aclint aclint() {
    return aclint;
  }

  private FwCfg firmwareConfiguration() {
    FwCfg configuration = new FwCfg(memory);
    configuration.item16(FwCfg.CPU_COUNT, harts.size());
    configuration.item64(FwCfg.RAM_SIZE, shape.memoryBytes());
    return configuration;
  }

  private InterruptLine[] lines(int bit) {
    return harts.stream().map(hart -> line(hart, bit)).toArray(InterruptLine[]::new);
  }

  private static InterruptLine line(Hart hart, int bit) {
    return asserted -> hart.setInterrupt(bit, asserted);
  }

  private <D extends handover.devices.MmioDevice & Lifecycle> D add(long base, D device) {
    bus.map(base, device);
    devices.add(device);
    return device;
  }

  private void addVirtio(Consumer<String> problems) {
    SerialPorts ports = SerialPorts.of(spec.devices(), backends.chardevs(), problems);
    DeviceDrivers drivers = new DeviceDrivers(shape, memory, backends, ports);
    VirtioSlots slots =
        new VirtioSlots(
            bus,
            interrupts::input,
            pci,
            new OptionRoms(blocks),
            interrupts.messages(),
            legacyMmio());
    List<MachineSpec.Backend> plugged =
        spec.devices().stream().filter(d -> !SerialPorts.isPort(d)).toList();
    for (MachineSpec.Backend wanted : plugged) {
      drivers
          .create(wanted, problems)
          .ifPresent(
              made -> slots.plug(made, problems).ifPresent(on -> register(wanted, made, on)));
    }
    slots.close(problems);
    functions.addAll(slots.functions());
  }

  private boolean legacyMmio() {
    return spec.machineOptions().getOrDefault("virtio-mmio-legacy", "off").equals("on");
  }

  private void register(MachineSpec.Backend wanted, DeviceDrivers.Made made, String on) {
    devices.add(made.device());
    virtio.add(made.device());
    String path =
        wanted
            .id()
            .map(id -> "/machine/peripheral/" + id)
            .orElse("/machine/peripheral-anon/device[" + nodes.size() + "]");
    nodes.add(
        new DeviceNode(
            wanted.id().orElse(wanted.kind() + nodes.size()),
            wanted.kind(),
            path,
            made.device().sectionName(),
            made.properties(),
            on));
  }

  private Optional<BootImages> planImages(Consumer<String> problems) {
    boolean arrives = spec.incoming().isPresent();
    if (arrives && spec.bios().isEmpty() && spec.kernel().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        BootImages.plan(
            shape.memoryBytes(),
            spec.bios(),
            spec.kernel(),
            spec.initrd(),
            this::deviceTree,
            problems));
  }

  private byte[] deviceTree(Optional<VirtTree.Range> initrd) {
    byte[] seed = new byte[32];
    new SecureRandom().nextBytes(seed);
    List<String> added = shape.aia().messages() ? List.of("smaia", "ssaia") : List.of();
    VirtTree.Board board =
        new VirtTree.Board(
            shape.memoryBytes(),
            harts.size(),
            shape.aia(),
            shape.features().isaString()
                + String.join("", added.stream().map(n -> "_" + n).toList()),
            "rv64i",
            Stream.concat(shape.features().isaExtensions().stream(), added.stream()).toList(),
            shape.features().mmuType(),
            spec.append(),
            initrd);
    return VirtTree.flatten(board, seed);
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
