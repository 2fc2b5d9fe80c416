package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.Versions;
import handover.vmstate.WireType;

/**
 * Whether firmware has fetched ACPI tables, a section that QEMU's {@code virt} board has since it
 * builds such tables. We build no tables, so the answer only travels through.
 */
public final class AcpiBuildState implements Migratable<AcpiBuildState.Saved>, Lifecycle {
  /** The saved type. */
  public static final class Saved {
    boolean patched;
  }

  private static final StateDeclaration<Saved> DECLARATION =
      StateDeclaration.<Saved>of("virt_acpi_build", Versions.since(QemuRelease.QEMU_10_0, 1))
          .scalar("patched", WireType.BOOL, s -> s.patched ? 1 : 0, (s, v) -> s.patched = v != 0)
          .build();

  private boolean patched;

  @Override
  public synchronized void reset() {
    patched = false;
  }

  @Override
  public String sectionName() {
    return "virt_acpi_build";
  }

  @Override
  public StateDeclaration<Saved> declaration() {
    return DECLARATION;
  }

  @Override
  public synchronized Saved snapshot() {
    Saved saved = new Saved();
    saved.patched = patched;
    return saved;
  }

  @Override
  public Saved blank() {
    return new Saved();
  }

  @Override
  public synchronized void commit(Saved state) {
    patched = state.patched;
  }
}
