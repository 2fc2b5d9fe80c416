package handover.riscv;

import static handover.riscv.HostMemory.ALL;
import static handover.riscv.HostMemory.BYTE;
import static handover.riscv.HostMemory.HOST;
import static handover.riscv.HostMemory.INT;
import static handover.riscv.HostMemory.LONG;
import static handover.riscv.HostMemory.SHORT;

/**
 * Executes decoded slots, one switch an instruction.
 *
 * <p>Slots of a page lie in address order, so the next instruction is the next slot, and a branch
 * within the page changes an index. HotSpot does not compile a method over 8000 bytecodes and fails
 * to inline much below that, so what is rare lives in other classes. The architectural pc and the
 * count of what is left of the budget are kept in locals and written back before anything that may
 * trap.
 */
final class Interpreter {
  private static final long PAGE_MASK = -4096;

  private final Registers r;
  private final Mmu mmu;
  private final Counters counters;
  private final AtomicOps atomics;
  private final FloatOps floats;
  private final SystemOps system;
  private final Trap trap;
  private final long misalignedTarget;

  /** The last place jumped to, other than by returning. */
  private long anchor;

  Interpreter(
      CpuFeatures features,
      Registers registers,
      Mmu mmu,
      Counters counters,
      SystemOps system,
      Trap trap) {
    this.r = registers;
    this.mmu = mmu;
    this.counters = counters;
    this.atomics = new AtomicOps(registers, mmu);
    this.floats = new FloatOps(registers);
    this.system = system;
    this.trap = trap;
    misalignedTarget = features.has(Instruction.Extension.C) ? 0 : 2;
  }

  /**
   * Executes from {@code registers.pc} until {@code counters.left} is used up, something changed
   * that the caller must look at, or translated code is reached (which at the very first
   * instruction is overlooked: the caller could not enter it). Throws {@link Trap} with pc at the
   * instruction that failed.
   *
   * @return whether translated code was reached
   */
  // IntLongMath: W instructions are 32-bit arithmetic. The label keeps one copy of the transfer.
  @SuppressWarnings({"IntLongMath", "LabelledBreakTarget"})
  boolean execute() {
    Registers r = this.r;
    long[] x = r.x;
    long[] tlb = mmu.dataTlb();
    int context = mmu.dataContext();
    FetchTlb fetch = mmu.fetchTlb();
    long[] fetchTags = fetch.tags;
    long base = r.pc & PAGE_MASK;
    int i = (int) (r.pc & 4095) >>> 1;
    long first = r.pc;
    int head = i;
    long[] code = mmu.enter(first);
    int left = counters.left;
    while (left > 0) {
      long d = code[i];
      long a = x[(int) (d >>> 16) & 31];
      long b = x[(int) (d >>> 24) & 31];
      int rd = (int) (d >>> 8) & 63;
      long target;
      transfer:
      {
        switch ((int) d & 0xff) {
          case Op.UNDECODED -> {
            code = decode(base + (i << 1), left);
            continue;
          }
          case Op.FETCH -> {
            target = base + (i << 1);
            left++;
            break transfer;
          }
          case Op.CROSSING -> {
            code = single(base + (i << 1), left);
            continue;
          }

          case Op.LUI -> x[rd] = d >> 32;
          case Op.AUIPC -> x[rd] = base + (i << 1) + (d >> 32);
          case Op.JALR -> {
            target = a + (d >> 32) & ~1L;
            if ((target & misalignedTarget) == 0) {
              x[rd] = base + (i + ((int) (d >>> 21) & 3) << 1);
            }
            break transfer;
          }
          case Op.JAL -> {
            target = base + (i << 1) + (d >> 32);
            if ((target & misalignedTarget) == 0) {
              x[rd] = base + (i + ((int) (d >>> 21) & 3) << 1);
            }
            break transfer;
          }
          case Op.BEQ -> {
            if (a == b) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BNE -> {
            if (a != b) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BLT -> {
            if (a < b) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BGE -> {
            if (a >= b) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BLTU -> {
            if (Long.compareUnsigned(a, b) < 0) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BGEU -> {
            if (Long.compareUnsigned(a, b) >= 0) {
              target = base + (i << 1) + (d >> 32);
              break transfer;
            }
          }
          case Op.BEQ_NEAR -> {
            if (a == b) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.BNE_NEAR -> {
            if (a != b) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.BLT_NEAR -> {
            if (a < b) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.BGE_NEAR -> {
            if (a >= b) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.BLTU_NEAR -> {
            if (Long.compareUnsigned(a, b) < 0) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.BGEU_NEAR -> {
            if (Long.compareUnsigned(a, b) >= 0) {
              int to = i + (int) (d >> 32);
              head = to < i ? to : head;
              i = to;
              left--;
              continue;
            }
          }
          case Op.JAL_NEAR -> {
            x[rd] = base + (i + ((int) (d >>> 21) & 3) << 1);
            i += (int) (d >> 32);
            head = i;
            left--;
            continue;
          }

          case Op.LB -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & PAGE_MASK)
                    ? (byte) BYTE.get(ALL, h & HOST)
                    : (byte) slowLoad(v, 1, base + (i << 1), left));
          }
          case Op.LH -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & (PAGE_MASK | 1))
                    ? (short) SHORT.get(ALL, h & HOST)
                    : (short) slowLoad(v, 2, base + (i << 1), left));
          }
          case Op.LW -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & (PAGE_MASK | 3))
                    ? (int) INT.get(ALL, h & HOST)
                    : (int) slowLoad(v, 4, base + (i << 1), left));
          }
          case Op.LD -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & (PAGE_MASK | 7))
                    ? (long) LONG.get(ALL, h & HOST)
                    : slowLoad(v, 8, base + (i << 1), left));
          }
          case Op.LBU -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & PAGE_MASK)
                        ? (byte) BYTE.get(ALL, h & HOST)
                        : (byte) slowLoad(v, 1, base + (i << 1), left))
                    & 0xff;
          }
          case Op.LHU -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & (PAGE_MASK | 1))
                        ? (short) SHORT.get(ALL, h & HOST)
                        : (short) slowLoad(v, 2, base + (i << 1), left))
                    & 0xffff;
          }
          case Op.LWU -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            x[rd] =
                (tlb[e] == (h & (PAGE_MASK | 3))
                        ? (int) INT.get(ALL, h & HOST)
                        : (int) slowLoad(v, 4, base + (i << 1), left))
                    & 0xffff_ffffL;
          }
          case Op.SB -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            if (tlb[e + Tlb.WRITE_TAG] == (h & PAGE_MASK)) {
              BYTE.set(ALL, h & HOST, (byte) b);
            } else {
              slowStore(v, 1, b, base + (i << 1), left);
            }
          }
          case Op.SH -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 1))) {
              SHORT.set(ALL, h & HOST, (short) b);
            } else {
              slowStore(v, 2, b, base + (i << 1), left);
            }
          }
          case Op.SW -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 3))) {
              INT.set(ALL, h & HOST, (int) b);
            } else {
              slowStore(v, 4, b, base + (i << 1), left);
            }
          }
          case Op.SD -> {
            long v = a + (d >> 32);
            int e = ((int) (v >>> Tlb.INDEX_SHIFT) & Tlb.INDEX_MASK) + context;
            long h = v + tlb[e + Tlb.ADDEND];
            if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 7))) {
              LONG.set(ALL, h & HOST, b);
            } else {
              slowStore(v, 8, b, base + (i << 1), left);
            }
          }

          case Op.ADDI -> x[rd] = a + (d >> 32);
          case Op.SLTI -> x[rd] = a < d >> 32 ? 1 : 0;
          case Op.SLTIU -> x[rd] = Long.compareUnsigned(a, d >> 32) < 0 ? 1 : 0;
          case Op.XORI -> x[rd] = a ^ d >> 32;
          case Op.ORI -> x[rd] = a | d >> 32;
          case Op.ANDI -> x[rd] = a & d >> 32;
          case Op.SLLI -> x[rd] = a << (int) (d >> 32);
          case Op.SRLI -> x[rd] = a >>> (int) (d >> 32);
          case Op.SRAI -> x[rd] = a >> (int) (d >> 32);
          case Op.ADDIW -> x[rd] = (int) a + (int) (d >> 32);
          case Op.SLLIW -> x[rd] = (int) a << (int) (d >> 32);
          case Op.SRLIW -> x[rd] = (int) a >>> (int) (d >> 32);
          case Op.SRAIW -> x[rd] = (int) a >> (int) (d >> 32);
          case Op.ADD -> x[rd] = a + b;
          case Op.SUB -> x[rd] = a - b;
          case Op.SLL -> x[rd] = a << (int) b;
          case Op.SLT -> x[rd] = a < b ? 1 : 0;
          case Op.SLTU -> x[rd] = Long.compareUnsigned(a, b) < 0 ? 1 : 0;
          case Op.XOR -> x[rd] = a ^ b;
          case Op.SRL -> x[rd] = a >>> (int) b;
          case Op.SRA -> x[rd] = a >> (int) b;
          case Op.OR -> x[rd] = a | b;
          case Op.AND -> x[rd] = a & b;
          case Op.ADDW -> x[rd] = (int) a + (int) b;
          case Op.SUBW -> x[rd] = (int) a - (int) b;
          case Op.SLLW -> x[rd] = (int) a << (int) b;
          case Op.SRLW -> x[rd] = (int) a >>> (int) b;
          case Op.SRAW -> x[rd] = (int) a >> (int) b;

          case Op.MUL -> x[rd] = a * b;
          case Op.MULHU -> x[rd] = Math.unsignedMultiplyHigh(a, b);
          case Op.MULW -> x[rd] = (int) a * (int) b;
          case Op.MULH,
              Op.MULHSU,
              Op.DIV,
              Op.DIVU,
              Op.REM,
              Op.REMU,
              Op.DIVW,
              Op.DIVUW,
              Op.REMW,
              Op.REMUW ->
              x[rd] = Division.execute((int) d & 0xff, a, b);

          default -> {
            r.pc = base + (i << 1);
            counters.left = left;
            if (((int) d & 0xff) == Op.TRANSLATED) {
              if (r.pc != first) {
                return true;
              }
              code = mmu.untranslated(first);
              continue;
            }
            if (!rare(d, a + (d >> 32), tlb)) {
              counters.left = left - 1;
              return false;
            }
          }
        }
        i += (int) (d >>> 21) & 3;
        left--;
        continue;
      }
      // A transfer whose target was not known to lie in this page.
      if ((target & misalignedTarget) != 0) {
        throw misaligned(base + (i << 1), target, left);
      }
      left--;
      i = (int) (target & 4095) >>> 1;
      head = i;
      if ((target & PAGE_MASK) != base || ((int) code[i] & 0xff) == Op.FETCH) {
        base = target & PAGE_MASK;
        int e = FetchTlb.index(target);
        code = fetchTags[e] == base ? fetch.slots[e] : enter(target, left);
      }
    }
    r.pc = base + (i << 1);
    counters.left = left;
    anchor = base + (head << 1);
    return false;
  }

  /**
   * After a slice was used up: where execution last began in this page, jumped backwards to or was
   * called. The place to translate from if it is met often.
   */
  long anchor() {
    return anchor;
  }

  // ---- slow paths: write back, then leave the loop's method

  private long[] decode(long pc, int left) {
    r.pc = pc;
    counters.left = left;
    return mmu.decode(pc);
  }

  private long[] single(long pc, int left) {
    r.pc = pc;
    counters.left = left;
    return mmu.single(pc);
  }

  private long[] enter(long pc, int left) {
    r.pc = pc;
    counters.left = left;
    return mmu.enter(pc);
  }

  private Trap misaligned(long pc, long target, int left) {
    r.pc = pc;
    counters.left = left;
    return trap.with(Trap.INSTRUCTION_MISALIGNED, target);
  }

  private long slowLoad(long virtual, int bytes, long pc, int left) {
    r.pc = pc;
    counters.left = left;
    return mmu.load(virtual, bytes);
  }

  private void slowStore(long virtual, int bytes, long value, long pc, int left) {
    r.pc = pc;
    counters.left = left;
    mmu.store(virtual, bytes, value);
  }

  /** Everything not in the big switch; false when the loop must be left. */
  private boolean rare(long d, long address, long[] tlb) {
    int op = Decoded.op(d);
    if (op >= Op.FIRST_SYSTEM || op == Op.ILLEGAL) {
      return system.execute(d);
    }
    if (op >= Op.FIRST_SINGLE) {
      if (!floats.execute(d)) {
        throw system.illegal();
      }
    } else if (op >= Op.FIRST_FLOAT) {
      moveFloat(op, d, address, tlb);
    } else if (op >= Op.FIRST_ATOMIC) {
      atomics.execute(d);
    } else {
      java.lang.invoke.VarHandle.fullFence();
    }
    return true;
  }

  private void moveFloat(int op, long d, long address, long[] tlb) {
    if (!floats.enabled()) {
      throw system.illegal();
    }
    int left = counters.left;
    switch (op) {
      case Op.FLD -> r.f[Decoded.rd(d)] = load64(tlb, address, r.pc, left);
      case Op.FLW -> r.f[Decoded.rd(d)] = FloatingPoint.boxS(load32(tlb, address, r.pc, left));
      case Op.FSD -> store64(tlb, address, r.f[Decoded.rs2(d)], r.pc, left);
      default -> store32(tlb, address, r.f[Decoded.rs2(d)], r.pc, left);
    }
    if (op <= Op.FLD) {
      r.floatDirty();
    }
  }

  // ---- floating-point memory access through the TLB

  private int load32(long[] tlb, long virtual, long pc, int left) {
    int e = Tlb.index(virtual) + mmu.dataContext();
    long h = virtual + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & (PAGE_MASK | 3))
        ? HostMemory.getInt(h)
        : (int) slowLoad(virtual, 4, pc, left);
  }

  private long load64(long[] tlb, long virtual, long pc, int left) {
    int e = Tlb.index(virtual) + mmu.dataContext();
    long h = virtual + tlb[e + Tlb.ADDEND];
    return tlb[e] == (h & (PAGE_MASK | 7)) ? HostMemory.getLong(h) : slowLoad(virtual, 8, pc, left);
  }

  private void store32(long[] tlb, long virtual, long value, long pc, int left) {
    int e = Tlb.index(virtual) + mmu.dataContext();
    long h = virtual + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 3))) {
      HostMemory.setInt(h, (int) value);
    } else {
      slowStore(virtual, 4, value, pc, left);
    }
  }

  private void store64(long[] tlb, long virtual, long value, long pc, int left) {
    int e = Tlb.index(virtual) + mmu.dataContext();
    long h = virtual + tlb[e + Tlb.ADDEND];
    if (tlb[e + Tlb.WRITE_TAG] == (h & (PAGE_MASK | 7))) {
      HostMemory.setLong(h, value);
    } else {
      slowStore(virtual, 8, value, pc, left);
    }
  }
}
