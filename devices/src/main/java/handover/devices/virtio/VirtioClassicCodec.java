package handover.devices.virtio;

import handover.vmstate.StateDeclaration.ClassicCodec;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Arrays;

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

  private static final int WIDEST_ENTRY = 28;
  private static final byte[] ZEROS = new byte[WIDEST_ENTRY * TABLE_QUEUES];

  /** Reads what a table says of a queue that does not exist here. */
  @FunctionalInterface
  interface Entry {
    /** Reads the entry of queue {@code index}. */
    void read(WireReader table, int index);
  }

  /**
   * The rest of a table, behind the queues that exist here. It is nearly always zero, and read when
   * a guest stands still, often by code that runs for the first time: entries are looked at one by
   * one only where it is not.
   */
  static void beyondQueues(VirtioState state, WireReader in, int entryBytes, Entry entry) {
    int first = state.queues.length;
    long position = in.position();
    byte[] rest = in.bytes(entryBytes * (TABLE_QUEUES - first));
    if (Arrays.equals(rest, 0, rest.length, ZEROS, 0, rest.length)) {
      return;
    }
    WireReader table = new WireReader(rest);
    String context = in.enter("virtio");
    in.enter(context);
    table.enter(context);
    table.passed(position);
    for (int i = first; i < TABLE_QUEUES; i++) {
      entry.read(table, i);
    }
  }

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
