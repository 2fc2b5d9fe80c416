package handover.devices.pci;

import handover.devices.Lifecycle;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;

/** The root bridge at 00:00.0, QEMU's "gpex_root": identity, and nothing else. */
public final class HostBridge implements PciDevice, Lifecycle, Migratable<PciConfigState> {
  private static final int RED_HAT = 0x1b36;
  private static final int GPEX_BRIDGE = 8;
  private static final int CLASS_HOST_BRIDGE = 0x600;

  private static final StateDeclaration<PciConfigState> DECLARATION =
      StateDeclaration.<PciConfigState>of("gpex_root", 1)
          .structs("parent_obj", s -> 1, PciConfigState.DECLARATION, (s, i) -> s)
          .build();

  private final PciFunction function;

  private HostBridge(PciBus bus) {
    function =
        new PciFunction(
            bus,
            PciAddress.HOST_BRIDGE,
            new ConfigLayout(
                new ConfigLayout.Identity(
                    RED_HAT,
                    GPEX_BRIDGE,
                    0,
                    CLASS_HOST_BRIDGE,
                    PciIds.SUBSYSTEM_VENDOR,
                    PciIds.SUBSYSTEM)));
  }

  /** Puts the bridge onto {@code bus}. */
  public static HostBridge on(PciBus bus) {
    HostBridge bridge = new HostBridge(bus);
    bus.plug(bridge);
    return bridge;
  }

  @Override
  public String name() {
    return "gpex-root";
  }

  @Override
  public PciFunction function() {
    return function;
  }

  @Override
  public synchronized long loadConfig(int offset, int bytes) {
    return function.load(offset, bytes);
  }

  @Override
  public synchronized void storeConfig(int offset, int bytes, long value) {
    function.store(offset, bytes, value);
  }

  @Override
  public synchronized void reset() {
    function.reset();
  }

  @Override
  public String sectionName() {
    return function.address().path() + "/gpex_root";
  }

  @Override
  public StateDeclaration<PciConfigState> declaration() {
    return DECLARATION;
  }

  @Override
  public synchronized PciConfigState snapshot() {
    PciConfigState state = blank();
    function.save(state);
    return state;
  }

  @Override
  public PciConfigState blank() {
    return new PciConfigState(function.layout());
  }

  @Override
  public synchronized void commit(PciConfigState state) {
    state.check(sectionName());
    function.load(state);
  }
}
