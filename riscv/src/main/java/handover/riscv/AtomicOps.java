package handover.riscv;

import java.lang.invoke.VarHandle;

/**
 * Load-reserved, store-conditional and atomic memory operations, atomic between harts and with
 * devices (unprivileged specification, chapter "A").
 *
 * <p>All are sequentially consistent, whatever their ordering bits ask. A store-conditional
 * succeeds when memory still holds what the load-reserved saw.
 */
final class AtomicOps {
  private static final VarHandle WORD = HostMemory.ATOMIC_INT;
  private static final VarHandle DOUBLE = HostMemory.ATOMIC_LONG;

  private final Registers r;
  private final Mmu mmu;

  AtomicOps(Registers registers, Mmu mmu) {
    this.r = registers;
    this.mmu = mmu;
  }

  /** Executes one; throws {@link Trap}. */
  void execute(long decoded) {
    if (mmu.journal() == null) {
      executeNow(decoded);
    } else {
      executeNoted(mmu.journal(), decoded);
    }
  }

  private void executeNoted(Journal journal, long decoded) {
    int rd = Decoded.rd(decoded);
    if (journal.replaying()) {
      r.x[rd] = journal.operate(decoded);
      r.reservation = journal.place();
      r.reservedValue = journal.value();
      return;
    }
    try {
      executeNow(decoded);
      journal.operated(decoded, r.x[rd], r.reservation, r.reservedValue);
    } catch (Trap t) {
      journal.faulted(t);
      throw t;
    }
  }

  private void executeNow(long decoded) {
    int op = Decoded.op(decoded);
    long virtual = r.x[Decoded.rs1(decoded)];
    long operand = r.x[Decoded.rs2(decoded)];
    boolean word = op < Op.LR_D;
    boolean reserve = op == Op.LR_W || op == Op.LR_D;
    long host = mmu.atomicAddress(virtual, word ? 4 : 8, reserve ? Access.LOAD : Access.STORE);
    long result =
        reserve
            ? reserve(virtual, host, word)
            : op == Op.SC_W || op == Op.SC_D
                ? conditional(virtual, host, word, operand)
                : word ? word(op, host, (int) operand) : doubleword(op, host, operand);
    r.x[Decoded.rd(decoded)] = result;
  }

  private long reserve(long virtual, long host, boolean word) {
    long seen =
        word
            ? (int) WORD.getVolatile(HostMemory.ALL, host)
            : (long) DOUBLE.getVolatile(HostMemory.ALL, host);
    r.reservation = virtual;
    r.reservedValue = seen;
    return seen;
  }

  private long conditional(long virtual, long host, boolean word, long value) {
    boolean reserved = r.reservation == virtual;
    r.reservation = -1;
    boolean stored =
        reserved
            && (word
                ? WORD.compareAndSet(HostMemory.ALL, host, (int) r.reservedValue, (int) value)
                : DOUBLE.compareAndSet(HostMemory.ALL, host, r.reservedValue, value));
    return stored ? 0 : 1;
  }

  private static int word(int op, long host, int operand) {
    return switch (op) {
      case Op.AMOSWAP_W -> (int) WORD.getAndSet(HostMemory.ALL, host, operand);
      case Op.AMOADD_W -> (int) WORD.getAndAdd(HostMemory.ALL, host, operand);
      case Op.AMOXOR_W -> (int) WORD.getAndBitwiseXor(HostMemory.ALL, host, operand);
      case Op.AMOAND_W -> (int) WORD.getAndBitwiseAnd(HostMemory.ALL, host, operand);
      case Op.AMOOR_W -> (int) WORD.getAndBitwiseOr(HostMemory.ALL, host, operand);
      default -> wordExtreme(op, host, operand);
    };
  }

  private static int wordExtreme(int op, long host, int operand) {
    while (true) {
      int old = (int) WORD.getVolatile(HostMemory.ALL, host);
      boolean keep =
          switch (op) {
            case Op.AMOMIN_W -> old <= operand;
            case Op.AMOMAX_W -> old >= operand;
            case Op.AMOMINU_W -> Integer.compareUnsigned(old, operand) <= 0;
            default -> Integer.compareUnsigned(old, operand) >= 0;
          };
      if (WORD.compareAndSet(HostMemory.ALL, host, old, keep ? old : operand)) {
        return old;
      }
    }
  }

  private static long doubleword(int op, long host, long operand) {
    return switch (op) {
      case Op.AMOSWAP_D -> (long) DOUBLE.getAndSet(HostMemory.ALL, host, operand);
      case Op.AMOADD_D -> (long) DOUBLE.getAndAdd(HostMemory.ALL, host, operand);
      case Op.AMOXOR_D -> (long) DOUBLE.getAndBitwiseXor(HostMemory.ALL, host, operand);
      case Op.AMOAND_D -> (long) DOUBLE.getAndBitwiseAnd(HostMemory.ALL, host, operand);
      case Op.AMOOR_D -> (long) DOUBLE.getAndBitwiseOr(HostMemory.ALL, host, operand);
      default -> doubleExtreme(op, host, operand);
    };
  }

  private static long doubleExtreme(int op, long host, long operand) {
    while (true) {
      long old = (long) DOUBLE.getVolatile(HostMemory.ALL, host);
      boolean keep =
          switch (op) {
            case Op.AMOMIN_D -> old <= operand;
            case Op.AMOMAX_D -> old >= operand;
            case Op.AMOMINU_D -> Long.compareUnsigned(old, operand) <= 0;
            default -> Long.compareUnsigned(old, operand) >= 0;
          };
      if (DOUBLE.compareAndSet(HostMemory.ALL, host, old, keep ? old : operand)) {
        return old;
      }
    }
  }
}
