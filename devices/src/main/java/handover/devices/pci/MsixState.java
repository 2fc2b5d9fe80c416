package handover.devices.pci;

/** Saved state of {@link Msix}: the table, and the pending bits, one a vector from bit 0. */
public final class MsixState {
  final byte[] table;
  final byte[] pending;

  /** The state at power-on: every vector masked. */
  public MsixState(int vectors) {
    table = new byte[vectors * Msix.ENTRY];
    pending = new byte[(vectors + 7) / 8];
    for (int i = 0; i < vectors; i++) {
      table[i * Msix.ENTRY + Msix.CONTROL] = Msix.MASKED;
    }
  }

  /** The table as a guest sees it. */
  public byte[] table() {
    return table;
  }

  /** The pending bits. */
  public byte[] pending() {
    return pending;
  }
}
