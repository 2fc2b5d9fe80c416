package handover.riscv;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The decoded instructions of one physical page, shared by all harts.
 *
 * <p>A slot for each halfword; two more at the end, so that running off the page finds a {@link
 * Op#FETCH}. Slots are decoded on first use from a copy of the page. Stores into code are not
 * watched: the architecture makes them visible to fetches at the next fence.i, and then {@link
 * #verify} compares the copy with memory and forgets the slots that differ, whoever wrote them:
 * this hart, another, or a device. Slots are written under the page's lock and read without.
 */
final class CodePage {
  static final int SLOTS = 2048;

  private static final int PAGE_BYTES = 4096;
  private static final VarHandle HALF =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final Decoder decoder;
  private final boolean compressed;
  private final MemorySegment memory;
  private final byte[] copy = new byte[PAGE_BYTES];
  private final long[] slots = new long[SLOTS + 2];
  private volatile int generation;

  /**
   * A page of which nothing is decoded.
   *
   * @param memory the 4096 bytes
   * @param compressed whether instructions may begin at odd halfwords
   */
  CodePage(Decoder decoder, boolean compressed, MemorySegment memory, int generation) {
    this.decoder = decoder;
    this.compressed = compressed;
    this.memory = memory;
    this.generation = generation;
    MemorySegment.copy(memory, 0, MemorySegment.ofArray(copy), 0, PAGE_BYTES);
    slots[SLOTS] = slots[SLOTS + 1] = Decoded.of(Op.FETCH, 1, 0);
  }

  long[] slots() {
    return slots;
  }

  /** Host address of the page. */
  long host() {
    return memory.address();
  }

  /** Makes sure that slots agree with memory as it was when {@code newGeneration} began. */
  void verify(int newGeneration) {
    if (generation != newGeneration) {
      synchronized (this) {
        MemorySegment held = MemorySegment.ofArray(copy);
        long difference = memory.mismatch(held);
        if (difference >= 0) {
          forgetDifferences((int) difference >>> 1);
        }
        generation = newGeneration;
      }
    }
  }

  private void forgetDifferences(int firstSlot) {
    byte[] now = memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    for (int i = firstSlot; i < SLOTS; i++) {
      if ((short) HALF.get(now, i * 2) != (short) HALF.get(copy, i * 2)) {
        slots[i] = Op.UNDECODED;
        if (i > 0) {
          slots[i - 1] = Op.UNDECODED;
        }
      }
    }
    System.arraycopy(now, 0, copy, 0, PAGE_BYTES);
  }

  /** Decodes from {@code slot} to the next point that execution does not pass in order. */
  synchronized void decodeFrom(int slot) {
    int i = slot;
    while (i < SLOTS && slots[i] == Op.UNDECODED) {
      long decoded = decode(i);
      slots[i] = localise(decoded, i);
      if (Op.endsRun(Decoded.op(decoded))) {
        return;
      }
      i += Decoded.slots(decoded);
    }
  }

  private long decode(int slot) {
    int low = (short) HALF.get(copy, slot * 2) & 0xffff;
    if (!Decoder.isFull(low)) {
      return decoder.decode(low);
    }
    return slot == SLOTS - 1
        ? Decoded.of(Op.CROSSING, 2, 0)
        : decoder.decode(low | (short) HALF.get(copy, slot * 2 + 2) << 16);
  }

  /** A transfer within the page needs no look-up: its displacement becomes one in slots. */
  private long localise(long decoded, int slot) {
    int op = Decoded.op(decoded);
    if (!Op.isTransfer(op)) {
      return decoded;
    }
    int target = slot * 2 + Decoded.immediate(decoded);
    boolean aligned = compressed || (target & 2) == 0;
    return aligned && target >= 0 && target < PAGE_BYTES
        ? Decoded.with(decoded, op + Op.NEAR, Decoded.immediate(decoded) >> 1)
        : decoded;
  }
}
