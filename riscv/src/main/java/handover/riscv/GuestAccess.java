package handover.riscv;

import static handover.riscv.HostMemory.ALL;
import static handover.riscv.HostMemory.BYTE;
import static handover.riscv.HostMemory.INT;
import static handover.riscv.HostMemory.LONG;
import static handover.riscv.HostMemory.SHORT;

/**
 * Loads and stores of translated code: the same probe of the same {@link Tlb} as in the {@link
 * Interpreter}, which is all the safety there is.
 */
final class GuestAccess {
  private static final long PAGE_MASK = -4096;

  private GuestAccess() {}

  static long lb(Dispatcher d, long[] tlb, long v) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & PAGE_MASK) ? (byte) BYTE.get(ALL, h) : (byte) d.load(v, 1);
  }

  static long lbu(Dispatcher d, long[] tlb, long v) {
    return lb(d, tlb, v) & 0xff;
  }

  static long lh(Dispatcher d, long[] tlb, long v) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & (PAGE_MASK | 1)) ? (short) SHORT.get(ALL, h) : (short) d.load(v, 2);
  }

  static long lhu(Dispatcher d, long[] tlb, long v) {
    return lh(d, tlb, v) & 0xffff;
  }

  static long lw(Dispatcher d, long[] tlb, long v) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & (PAGE_MASK | 3)) ? (int) INT.get(ALL, h) : (int) d.load(v, 4);
  }

  static long lwu(Dispatcher d, long[] tlb, long v) {
    return lw(d, tlb, v) & 0xffff_ffffL;
  }

  static long ld(Dispatcher d, long[] tlb, long v) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & (PAGE_MASK | 7)) ? (long) LONG.get(ALL, h) : d.load(v, 8);
  }

  static void sb(Dispatcher d, long[] tlb, long v, long value) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & PAGE_MASK)) {
      BYTE.set(ALL, h, (byte) value);
    } else {
      d.store(v, 1, value);
    }
  }

  static void sh(Dispatcher d, long[] tlb, long v, long value) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 1))) {
      SHORT.set(ALL, h, (short) value);
    } else {
      d.store(v, 2, value);
    }
  }

  static void sw(Dispatcher d, long[] tlb, long v, long value) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 3))) {
      INT.set(ALL, h, (int) value);
    } else {
      d.store(v, 4, value);
    }
  }

  static void sd(Dispatcher d, long[] tlb, long v, long value) {
    int e = (int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK;
    long h = v + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 7))) {
      LONG.set(ALL, h, value);
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
