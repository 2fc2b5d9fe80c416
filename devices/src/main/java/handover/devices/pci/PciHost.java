package handover.devices.pci;

import handover.devices.Lifecycle;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/**
 * QEMU's "PCIHost": the latch of the I/O ports through which PCs address configuration space. The
 * {@code virt} board has no such ports, so its value only travels through.
 */
public final class PciHost implements Migratable<PciHost.Saved>, Lifecycle {
  /** The saved type. */
  public static final class Saved {
    private long latch;
  }

  private static final StateDeclaration<Saved> DECLARATION =
      StateDeclaration.<Saved>of("PCIHost", 1)
          .scalar("config_reg", WireType.U32, s -> s.latch, (s, v) -> s.latch = v)
          .build();

  private long latch;

  @Override
  public synchronized void reset() {
    latch = 0;
  }

  @Override
  public String sectionName() {
    return "PCIHost";
  }

  @Override
  public StateDeclaration<Saved> declaration() {
    return DECLARATION;
  }

  @Override
  public synchronized Saved snapshot() {
    Saved saved = new Saved();
    saved.latch = latch;
    return saved;
  }

  @Override
  public Saved blank() {
    return new Saved();
  }

  @Override
  public synchronized void commit(Saved state) {
    latch = state.latch;
  }
}
