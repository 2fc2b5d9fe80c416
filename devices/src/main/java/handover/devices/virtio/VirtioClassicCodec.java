package handover.devices.virtio;

import handover.vmstate.StateDeclaration.ClassicCodec;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * The classic form of a virtio device: one opaque field, laid out as QEMU lays it out. In order:
 * the transport's registers or its PCI function, the common registers, configuration space, the
 * queues up to the first without entries, the device's own part ({@link #saveDevice}), and
 * subsections.
 *
 * <p>Tables in the subsections have {@value #TABLE_QUEUES} entries whatever the device has.
 *
 * @param <S> the saved type
 */
public class VirtioClassicCodec<S extends VirtioState> implements ClassicCodec<S> {
  /** Queues in the tables of the subsections. */
  static final int TABLE_QUEUES = 1024;

  /** A codec for a device with no part of its own. */
  public VirtioClassicCodec() {}

  /** Writes the device's own part, and the subsections of that part if it has any. */
  protected void saveDevice(S state, WireWriter out) {}

  /** Reads what {@link #saveDevice} of this version wrote. Everything read is hostile. */
  protected void loadDevice(S state, WireReader in, int version) {}

  @Override
  public final String fieldName() {
    return "virtio";
  }

  @Override
  public final void save(S state, WireWriter out) {
    ClassicRegisters.save(state, out);
    saveDevice(state, out);
    ClassicSubsections.save(state, out);
  }

  @Override
  public final void load(S state, WireReader in, int version) {
    ClassicRegisters.load(state, in);
    loadDevice(state, in, version);
    ClassicSubsections.load(state, in);
  }
}
