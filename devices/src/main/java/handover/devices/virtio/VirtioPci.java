package handover.devices.virtio;

import handover.devices.PropertyValues;
import handover.devices.pci.Bar;
import handover.devices.pci.BarRegion;
import handover.devices.pci.ConfigLayout;
import handover.devices.pci.Msix;
import handover.devices.pci.PciDevice;
import handover.devices.pci.PciFunction;
import java.util.Optional;

/**
 * The PCI transport (virtio 1.2, 4.1): one device behind a function whose capabilities say where in
 * BAR 4 its registers are, at the places QEMU gives them. Unless {@code disable-legacy=on}, BAR 0
 * has the interface from before virtio 1.0 as well.
 *
 * <p>Kicks and the interrupt status never wait for the device's lock; all others do, accesses to
 * configuration space among them.
 */
public final class VirtioPci implements PciDevice, VirtioTransport, BarRegion {
  private static final int LEGACY_BAR = 0;
  private static final int MSIX_BAR = 1;
  private static final int MODERN_BAR = 4;
  private static final int INTERRUPT_STATUS = 0x1000;
  private static final int DEVICE_CONFIG = 0x2000;
  private static final int NOTIFY = 0x3000;
  private static final int MODERN_BYTES = 0x4000;

  private final String name;
  private final VirtioDevice<?> device;
  private final DriverRegisters registers;
  private final PciCommonConfig common;
  private final Msix msix;
  private final boolean transitional;
  private final PciConfigAccess access;
  private final PciFunction function;
  private final PciShape shape;
  private boolean legacyDriver;

  private VirtioPci(
      String name, PciPlace place, PropertyValues properties, VirtioDevice<?> device) {
    int vectors = PciProperties.vectors(properties);
    this.name = name;
    this.device = device;
    this.registers = new DriverRegisters(device);
    this.common = new PciCommonConfig(device, registers, vectors);
    this.msix = new Msix(vectors, place.messages(), device::stateChanged);
    this.transitional = PciProperties.transitional(properties);
    ConfigLayout layout = layout(PciProperties.multifunction(properties));
    place.rom().ifPresent(rom -> rom.describe(layout));
    this.function = new PciFunction(place.bus(), place.address(), layout);
    this.access = new PciConfigAccess(function, MODERN_BAR, MODERN_BYTES, this);
    this.shape = new PciShape(layout, vectors);
  }

  /**
   * Puts {@code device} onto the bus.
   *
   * @param name the driver's name, such as {@code virtio-net-pci}
   * @param properties of {@link PciProperties}; what was left open is settled in them
   */
  public static VirtioPci plug(
      String name, PciPlace place, PropertyValues properties, VirtioDevice<?> device) {
    PciProperties.settle(properties, device, place.address());
    VirtioPci transport = new VirtioPci(name, place, properties, device);
    device.attach(transport, transport.function.pin());
    place.bus().plug(transport);
    return transport;
  }

  private ConfigLayout layout(boolean multifunction) {
    ConfigLayout layout =
        new ConfigLayout(PciIdentity.of(device.identity().deviceId(), transitional))
            .interruptPin(1);
    if (multifunction) {
      layout.multifunction();
    }
    if (transitional) {
      layout.bar(
          new Bar(
              LEGACY_BAR,
              Bar.Space.IO,
              PciLegacyPorts.size(device),
              new PciLegacyPorts(this, device, registers)));
    }
    VirtioCapabilities.describe(layout, MODERN_BAR);
    layout.bar(new Bar(MODERN_BAR, Bar.Space.MEMORY_64, MODERN_BYTES, this));
    if (msix.vectors() > 0) {
      msix.describe(layout, VirtioCapabilities.MSIX, MSIX_BAR);
    }
    return layout;
  }

  /** The device on the function. */
  public VirtioDevice<?> device() {
    return device;
  }

  // ---- Configuration space.

  @Override
  public String name() {
    return name;
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public long loadConfig(int offset, int bytes) {
    device.lock();
    try {
      access.beforeLoad(offset, bytes);
      return function.load(offset, bytes);
    } finally {
      device.unlock();
    }
  }

  @Override
  public void storeConfig(int offset, int bytes, long value) {
    device.lock();
    try {
      boolean reached = function.busMaster();
      function.store(offset, bytes, value);
      takeMessageControl();
      access.afterStore(offset, bytes);
      device.stateChanged();
      if (!reached && function.busMaster()) {
        device.kickAll();
      }
    } finally {
      device.unlock();
    }
  }

  private void takeMessageControl() {
    if (msix.vectors() > 0) {
      int control = (int) function.load(VirtioCapabilities.MSIX + Msix.MESSAGE_CONTROL, 2);
      function.replacePin(msix.control(control));
    }
  }

  // ---- BAR 4.

  @Override
  public long load(long offset, int bytes) {
    if (offset == INTERRUPT_STATUS) {
      return device.interrupts().take();
    }
    if (bytes == 8) {
      return load(offset, 4) | load(offset + 4, 4) << 32;
    }
    device.lock();
    try {
      return loadSlowly((int) offset, bytes) & mask(bytes);
    } catch (RuntimeException e) {
      device.stopped(e);
      return 0;
    } finally {
      device.unlock();
    }
  }

  private long loadSlowly(int offset, int bytes) {
    if (offset < INTERRUPT_STATUS) {
      return common.load(offset);
    }
    return offset >= DEVICE_CONFIG && offset < NOTIFY
        ? device.loadConfig(offset - DEVICE_CONFIG, bytes)
        : 0;
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (offset >= NOTIFY) {
      device.kick((int) (offset - NOTIFY) >> VirtioCapabilities.NOTIFY_SHIFT);
    } else if (bytes == 8) {
      store(offset, 4, value);
      store(offset + 4, 4, value >>> 32);
    } else {
      storeSlowly((int) offset, bytes, value);
    }
  }

  private void storeSlowly(int offset, int bytes, long value) {
    device.lock();
    try {
      if (offset < INTERRUPT_STATUS) {
        legacyDriver &= offset != PciCommonConfig.STATUS;
        common.store(offset, (int) value);
      } else if (offset >= DEVICE_CONFIG) {
        device.storeConfig(offset - DEVICE_CONFIG, bytes, value);
      }
    } catch (RuntimeException e) {
      device.stopped(e);
    } finally {
      device.unlock();
    }
  }

  static long mask(int bytes) {
    return -1L >>> 64 - 8 * bytes;
  }

  // ---- What the old interface shares.

  PciCommonConfig common() {
    return common;
  }

  boolean usesMsix() {
    return msix.enabled();
  }

  /** The status was written through the old interface. */
  void legacyStatus(int value) {
    legacyDriver = value != 0;
    registers.writeStatus(value);
  }

  // ---- The transport, as the device knows it.

  @Override
  public String path() {
    return function.address().path();
  }

  @Override
  public boolean legacy() {
    return false;
  }

  @Override
  public boolean transitional() {
    return transitional;
  }

  @Override
  public boolean legacyDriver() {
    return legacyDriver;
  }

  @Override
  public Optional<PciShape> pci() {
    return Optional.of(shape);
  }

  @Override
  public boolean reachesMemory() {
    return function.busMaster();
  }

  @Override
  public void signalQueue(int queue) {
    msix.signal(common.queueVector(queue));
  }

  @Override
  public void signalConfig() {
    msix.signal(common.configVector());
  }

  @Override
  public void deviceReset() {
    common.resetVectors();
    msix.forgetPending();
  }

  @Override
  public void hold(boolean stopped) {
    msix.hold(stopped);
  }

  @Override
  public void save(VirtioState state) {
    PciState saved = state.pci.orElseThrow();
    registers.save(state);
    common.save(saved);
    function.save(saved.function);
    msix.save(saved.msix);
  }

  @Override
  public void load(VirtioState state) {
    PciState saved = state.pci.orElseThrow();
    registers.load(state);
    common.load(saved);
    msix.adopt(saved.msix);
    function.load(saved.function);
    takeMessageControl();
    legacyDriver = transitional && state.legacyDriver();
  }

  @Override
  public void loadHot(VirtioState state) {
    msix.adoptPending(state.pci.orElseThrow().msix);
  }

  @Override
  public void reset() {
    registers.reset();
    function.reset();
    msix.reset();
    takeMessageControl();
    legacyDriver = false;
  }
}
