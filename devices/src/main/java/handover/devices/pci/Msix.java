package handover.devices.pci;

import handover.devices.MessageSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The MSI-X capability (PCI Local Bus 3.0, 6.8.2): a table of messages, one a vector, each of which
 * may be masked, and pending bits for what happened meanwhile. Table and pending bits share a BAR.
 *
 * <p>Has a monitor of its own, under which messages are sent.
 */
public final class Msix implements BarRegion {
  /** Capability id. */
  public static final int CAPABILITY = 0x11;

  /** Offset of message control in the capability. */
  public static final int MESSAGE_CONTROL = 2;

  /** What a function says that wants no vector. */
  public static final int NO_VECTOR = 0xffff;

  /** Most vectors that there can be. */
  public static final int MAX_VECTORS = 2048;

  static final int ENTRY = 16;
  static final int CONTROL = 12;
  static final byte MASKED = 1;

  private static final int ENABLE = 1 << 15;
  private static final int FUNCTION_MASK = 1 << 14;
  private static final int PENDING_AT = 0x800;
  private static final int LEAST_SIZE = 0x1000;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int vectors;
  private final MessageSink sink;
  private final Runnable changed;
  private final MsixState state;
  private boolean enabled;
  private boolean functionMasked;
  private boolean held;

  /**
   * A table of masked vectors.
   *
   * @param vectors 1 to {@link #MAX_VECTORS}
   * @param sink where messages go
   * @param changed called when the guest changed the table
   */
  public Msix(int vectors, MessageSink sink, Runnable changed) {
    this.vectors = vectors;
    this.sink = sink;
    this.changed = changed;
    this.state = new MsixState(vectors);
  }

  // ---- Its place in configuration space and memory.

  /** Adds the capability and its BAR. */
  public void describe(ConfigLayout layout, int offset, int bar) {
    byte[] body = new byte[10];
    INT.set(body, 2, bar);
    INT.set(body, 6, pendingAt() | bar);
    int size = vectors - 1;
    body[0] = (byte) size;
    body[1] = (byte) (size >>> 8);
    byte[] writable = new byte[10];
    writable[1] = (byte) ((ENABLE | FUNCTION_MASK) >>> 8);
    layout.capability(CAPABILITY, offset, body, writable);
    layout.bar(new Bar(bar, Bar.Space.MEMORY_32, size(), this));
  }

  /** Behind the table, which has half of the region unless it needs more. */
  private int pendingAt() {
    return Math.max(PENDING_AT, vectors * ENTRY);
  }

  private long size() {
    int needed = Math.max(LEAST_SIZE, pendingAt() + (vectors / 8 + 1) * 8);
    return needed == Integer.highestOneBit(needed) ? needed : Integer.highestOneBit(needed) * 2L;
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    if (bytes == 8) {
      return load(offset, 4) | load(offset + 4, 4) << 32;
    }
    if (bytes != 4) {
      return 0;
    }
    return offset < state.table.length
        ? (int) INT.get(state.table, (int) offset) & 0xffff_ffffL
        : pendingWord((int) offset - pendingAt());
  }

  private long pendingWord(int offset) {
    long word = 0;
    for (int i = 0; i < 4; i++) {
      int at = offset + i;
      word |= at < 0 || at >= state.pending.length ? 0 : (state.pending[at] & 0xffL) << 8 * i;
    }
    return word;
  }

  /** Entries are written in words or pairs of them; pending bits are read-only. */
  @Override
  public synchronized void store(long offset, int bytes, long value) {
    if (bytes == 8) {
      store(offset, 4, value);
      store(offset + 4, 4, value >>> 32);
    } else if (bytes == 4 && offset < state.table.length) {
      storeWord((int) offset, (int) value);
    }
  }

  private void storeWord(int offset, int value) {
    INT.set(state.table, offset, value);
    changed.run();
    if (offset % ENTRY == CONTROL) {
      sendPending(offset / ENTRY);
    }
  }

  // ---- What it does.

  /** Takes what message control says now; returns whether MSI-X is enabled. */
  public synchronized boolean control(int messageControl) {
    enabled = (messageControl & ENABLE) != 0;
    functionMasked = (messageControl & FUNCTION_MASK) != 0;
    sendAllPending();
    return enabled;
  }

  /** Whether messages take the pin's place. */
  public synchronized boolean enabled() {
    return enabled;
  }

  /** The function wants to interrupt; ignored for no vector, one that is not, or if disabled. */
  public synchronized void signal(int vector) {
    if (!enabled || vector >= vectors) {
      return;
    }
    if (silent(vector)) {
      state.pending[vector >> 3] |= (byte) (1 << (vector & 7));
    } else {
      send(vector);
    }
  }

  /** While held nothing is sent, since the machine is stopped; what happens stays pending. */
  public synchronized void hold(boolean on) {
    held = on;
    sendAllPending();
  }

  /** Back to power-on; message control is configuration space's matter. */
  public synchronized void reset() {
    adopt(new MsixState(vectors));
    forgetPending();
  }

  /** The device was reset, which drops what was pending (virtio 1.2, 4.1.5.1.2). */
  public synchronized void forgetPending() {
    Arrays.fill(state.pending, (byte) 0);
  }

  // ---- State.

  /** Number of vectors. */
  public int vectors() {
    return vectors;
  }

  /** Copies the state. */
  public synchronized void save(MsixState into) {
    System.arraycopy(state.table, 0, into.table, 0, state.table.length);
    System.arraycopy(state.pending, 0, into.pending, 0, state.pending.length);
  }

  /** Takes over the table. */
  public synchronized void adopt(MsixState other) {
    System.arraycopy(other.table, 0, state.table, 0, state.table.length);
  }

  /** Takes over the pending bits; those of vectors that are not masked are sent when it runs. */
  public synchronized void adoptPending(MsixState other) {
    System.arraycopy(other.pending, 0, state.pending, 0, state.pending.length);
    sendAllPending();
  }

  private boolean silent(int vector) {
    return held || functionMasked || (state.table[vector * ENTRY + CONTROL] & MASKED) != 0;
  }

  private void sendAllPending() {
    for (int vector = 0; vector < vectors; vector++) {
      sendPending(vector);
    }
  }

  private void sendPending(int vector) {
    byte bit = (byte) (1 << (vector & 7));
    if (enabled && (state.pending[vector >> 3] & bit) != 0 && !silent(vector)) {
      state.pending[vector >> 3] &= (byte) ~bit;
      send(vector);
    }
  }

  private void send(int vector) {
    int entry = vector * ENTRY;
    sink.send((long) LONG.get(state.table, entry), (int) INT.get(state.table, entry + 8));
  }
}
