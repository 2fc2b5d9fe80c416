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

  // Written under the lock. Who has verified the page sees what went with its bytes.
  private int version;
  private Region[] regions;
  private short[] heat;

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

  /** Counts how often the bytes have changed. */
  int version() {
    return version;
  }

  /** A copy of what instructions are decoded from. */
  synchronized byte[] bytes() {
    return copy.clone();
  }

  /** Which slots hold an instruction: bit n of word m is slot 64 m + n. */
  long[] executed() {
    long[] bits = new long[SLOTS / Long.SIZE];
    for (int i = 0; i < SLOTS; i++) {
      if (slots[i] != Op.UNDECODED) {
        bits[i >>> 6] |= 1L << i;
      }
    }
    return bits;
  }

  /** Decodes what was executed on another machine. */
  void decode(long[] executed) {
    for (int i = 0; i < SLOTS; i++) {
      if ((executed[i >>> 6] >>> i & 1) != 0) {
        decodeFrom(i);
      }
    }
  }

  /** The region that begins at a slot, or null. */
  Region region(int slot) {
    Region[] known = regions;
    return known == null ? null : known[slot];
  }

  /** Adds to the heat of a slot; returns it, once it was requested a negative number. */
  int heat(int slot, int weight) {
    short[] known = heat;
    if (known == null) {
      known = heat = new short[SLOTS];
    }
    int hot = known[slot];
    if (hot >= 0) {
      known[slot] = (short) Math.min(hot + weight, Short.MAX_VALUE);
    }
    return hot;
  }

  /** No more heat is wanted of a slot: a region was asked for. */
  void requested(int slot) {
    short[] known = heat;
    if (known != null) {
      known[slot] = -1;
    }
  }

  /** Lets execution that reaches {@code slot} enter a region, if the bytes are still the same. */
  synchronized void install(Region region, int slot, int translatedVersion) {
    if (version == translatedVersion) {
      Region[] known = regions == null ? new Region[SLOTS] : regions;
      known[slot] = region;
      regions = known;
      slots[slot] = Op.TRANSLATED;
    }
  }

  /** Forgets the region that begins at a slot; it may become hot again. */
  synchronized void dropRegion(int slot) {
    if (regions != null && slots[slot] == Op.TRANSLATED) {
      regions[slot] = null;
      slots[slot] = Op.UNDECODED;
    }
    if (heat != null) {
      heat[slot] = 0;
    }
  }

  /** Forgets all regions that begin here. */
  synchronized void dropRegions() {
    regions = null;
    heat = null;
    for (int i = 0; i < SLOTS; i++) {
      if (slots[i] == Op.TRANSLATED) {
        slots[i] = Op.UNDECODED;
      }
    }
  }

  /** Makes sure that slots agree with memory as it was when {@code newGeneration} began. */
  void verify(int newGeneration) {
    if (generation != newGeneration) {
      synchronized (this) {
        MemorySegment held = MemorySegment.ofArray(copy);
        long difference = memory.mismatch(held);
        if (difference >= 0) {
          forgetDifferences((int) difference >>> 1);
          version++;
          dropRegions();
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

  /** The instruction at a slot, whatever the slot holds. */
  long decode(int slot) {
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
