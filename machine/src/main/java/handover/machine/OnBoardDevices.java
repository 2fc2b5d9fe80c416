package handover.machine;

import handover.devices.Aclint;
import handover.devices.CharacterBackend;
import handover.devices.Flash;
import handover.devices.FwCfg;
import handover.devices.GoldfishRtc;
import handover.devices.GuestClock;
import handover.devices.GuestTimers;
import handover.devices.InterruptLine;
import handover.devices.Lifecycle;
import handover.devices.MmioBus;
import handover.devices.MmioDevice;
import handover.devices.TestDevice;
import handover.devices.Uart;
import handover.memory.GuestMemory;
import handover.memory.RamBlock;
import handover.riscv.Hart;
import handover.vmstate.Migratable;
import java.util.ArrayList;
import java.util.List;

/**
 * The devices that every {@code virt} board has, at the places of {@link VirtMap}: all but memory,
 * the harts and what is plugged.
 */
final class OnBoardDevices {
  /** The bit of a hart's {@code mip} that its software interrupt drives. */
  static final int MSIP = 3;

  private static final int MTIP = 7;

  private final MmioBus bus;
  private final List<Hart> harts;
  private final List<Lifecycle> lifecycles = new ArrayList<>();
  private final Aclint aclint;
  private final InterruptControllers interrupts;
  private final PciRoot pci;
  private final Uart uart;
  private final GoldfishRtc rtc;
  private final FwCfg fwCfg;
  private final List<Flash> flash;

  /**
   * Puts them onto {@code bus}.
   *
   * @param banks the RAM blocks of the two flash banks
   * @param console the far end of the serial port
   * @param power who hears what the guest asks of the test device
   */
  OnBoardDevices(
      BoardShape shape,
      MmioBus bus,
      GuestMemory memory,
      List<Hart> harts,
      GuestClock clock,
      GuestTimers timers,
      List<RamBlock> banks,
      CharacterBackend console,
      TestDevice.Listener power) {
    this.bus = bus;
    this.harts = harts;
    aclint = add(VirtMap.CLINT, new Aclint(clock, timers, lines(MSIP), lines(MTIP)));
    interrupts = new InterruptControllers(shape.aia(), bus, memory, harts);
    lifecycles.addAll(interrupts.lifecycles());
    pci = new PciRoot(bus, interrupts, shape.memoryBytes());
    lifecycles.addAll(pci.lifecycles());
    uart = add(VirtMap.UART, new Uart(console, interrupts.input(VirtMap.UART_IRQ)));
    InterruptLine alarm = interrupts.input(VirtMap.RTC_IRQ);
    rtc = add(VirtMap.RTC, new GoldfishRtc(GoldfishRtc::hostWallNanos, clock, timers, alarm));
    fwCfg = add(VirtMap.FW_CFG, firmwareConfiguration(memory, harts.size(), shape.memoryBytes()));
    flash = List.of(flash(0, banks), flash(1, banks));
    add(VirtMap.TEST, new TestDevice(power));
  }

  private <D extends MmioDevice & Lifecycle> D add(long base, D device) {
    bus.map(base, device);
    lifecycles.add(device);
    return device;
  }

  private InterruptLine[] lines(int bit) {
    return harts.stream().map(hart -> line(hart, bit)).toArray(InterruptLine[]::new);
  }

  private static InterruptLine line(Hart hart, int bit) {
    return asserted -> hart.setInterrupt(bit, asserted);
  }

  private static FwCfg firmwareConfiguration(GuestMemory memory, int harts, long memoryBytes) {
    FwCfg configuration = new FwCfg(memory);
    configuration.item16(FwCfg.CPU_COUNT, harts);
    configuration.item64(FwCfg.RAM_SIZE, memoryBytes);
    return configuration;
  }

  private Flash flash(int bank, List<RamBlock> banks) {
    long base = VirtMap.FLASH + bank * VirtMap.FLASH_BANK_SIZE;
    return add(base, new Flash(bank, banks.get(bank), readable -> {}));
  }

  Aclint aclint() {
    return aclint;
  }

  InterruptControllers interrupts() {
    return interrupts;
  }

  PciRoot pci() {
    return pci;
  }

  FwCfg fwCfg() {
    return fwCfg;
  }

  /** All of them, in the order in which they are reset, paused and resumed. */
  List<Lifecycle> lifecycles() {
    return lifecycles;
  }

  /** Those with state, in the order of QEMU's stream. */
  List<Migratable<?>> sections() {
    List<Migratable<?>> sections = new ArrayList<>();
    sections.add(aclint);
    sections.addAll(interrupts.sections());
    sections.add(fwCfg);
    sections.addAll(pci.sections());
    sections.addAll(List.of(uart, rtc));
    sections.addAll(flash);
    return sections;
  }
}
