package handover.riscv;

import static handover.riscv.HostMemory.ALL;
import static handover.riscv.HostMemory.BYTE;
import static handover.riscv.HostMemory.HOST;
import static handover.riscv.HostMemory.INT;
import static handover.riscv.HostMemory.LONG;
import static handover.riscv.HostMemory.SHORT;

/**
 * Loads and stores of translated code: the same probe of the same {@link Tlb} as in the {@link
 * Interpreter}, which is all the safety there is.
 *
 * <p>HotSpot inlines only so much into a region, counted in nodes of its graph, and each branch
 * that it cannot rule out is some dozens of them. So entries are found by what it recognizes as
 * within the array, whose length is a power of two, and addresses are masked with {@link
 * HostMemory#HOST}.
 */
final class GuestAccess {
  private static final long PAGE_MASK = -4096;

  private GuestAccess() {}

  static long lb(Dispatcher d, long[] tlb, int context, long v) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    return tlb[e & mask] == (h & PAGE_MASK) ? (byte) BYTE.get(ALL, h & HOST) : (byte) d.load(v, 1);
  }

  static long lbu(Dispatcher d, long[] tlb, int context, long v) {
    return lb(d, tlb, context, v) & 0xff;
  }

  static long lh(Dispatcher d, long[] tlb, int context, long v) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    return tlb[e & mask] == (h & (PAGE_MASK | 1))
        ? (short) SHORT.get(ALL, h & HOST)
        : (short) d.load(v, 2);
  }

  static long lhu(Dispatcher d, long[] tlb, int context, long v) {
    return lh(d, tlb, context, v) & 0xffff;
  }

  static long lw(Dispatcher d, long[] tlb, int context, long v) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    return tlb[e & mask] == (h & (PAGE_MASK | 3))
        ? (int) INT.get(ALL, h & HOST)
        : (int) d.load(v, 4);
  }

  static long lwu(Dispatcher d, long[] tlb, int context, long v) {
    return lw(d, tlb, context, v) & 0xffff_ffffL;
  }

  static long ld(Dispatcher d, long[] tlb, int context, long v) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    return tlb[e & mask] == (h & (PAGE_MASK | 7)) ? (long) LONG.get(ALL, h & HOST) : d.load(v, 8);
  }

  static void sb(Dispatcher d, long[] tlb, int context, long v, long value) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    if (tlb[(e + Tlb.WRITE_TAG) & mask] == (h & PAGE_MASK)) {
      BYTE.set(ALL, h & HOST, (byte) value);
    } else {
      d.store(v, 1, value);
    }
  }

  static void sh(Dispatcher d, long[] tlb, int context, long v, long value) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    if (tlb[(e + Tlb.WRITE_TAG) & mask] == (h & (PAGE_MASK | 1))) {
      SHORT.set(ALL, h & HOST, (short) value);
    } else {
      d.store(v, 2, value);
    }
  }

  static void sw(Dispatcher d, long[] tlb, int context, long v, long value) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    if (tlb[(e + Tlb.WRITE_TAG) & mask] == (h & (PAGE_MASK | 3))) {
      INT.set(ALL, h & HOST, (int) value);
    } else {
      d.store(v, 4, value);
    }
  }

  static void sd(Dispatcher d, long[] tlb, int context, long v, long value) {
    int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
    int mask = tlb.length - 1;
    long h = v + tlb[(e + Tlb.ADDEND) & mask];
    if (tlb[(e + Tlb.WRITE_TAG) & mask] == (h & (PAGE_MASK | 7))) {
      LONG.set(ALL, h & HOST, value);
    } else {
      d.store(v, 8, value);
    }
  }

  // ---- comparisons as values

  static long slt(long a, long b) {
    return a < b ? 1 : 0;
  }

  static long sltu(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? 1 : 0;
  }

  /** fence, of any kind. */
  static void fence() {
    java.lang.invoke.VarHandle.fullFence();
  }
}
