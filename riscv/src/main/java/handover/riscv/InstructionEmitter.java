package handover.riscv;

import static handover.riscv.RegionEmitter.DISPATCHER_CLASS;
import static handover.riscv.RegionEmitter.describe;
import static handover.riscv.RegionEmitter.type;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;

/** Emits guest instructions that go on with the next one. */
final class InstructionEmitter {
  private static final ClassDesc ACCESS = describe(GuestAccess.class);
  private static final ClassDesc MATH = describe(Math.class);
  private static final String[] LOADS = {"lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"};
  private static final String[] STORES = {"sb", "sh", "sw", "sd"};

  private final CodeBuilder out;
  private final RegionLocals locals;
  private final FloatEmitter floats;

  InstructionEmitter(CodeBuilder out, RegionLocals locals) {
    this.out = out;
    this.locals = locals;
    floats = new FloatEmitter(out, locals);
  }

  /** Whether one may trap, so that {@link RegionLocals#SITE} must say where it is. */
  static boolean mayTrap(int op) {
    return op >= Op.LB && op <= Op.SD
        || op >= Op.FIRST_ATOMIC && op < Op.FIRST_SINGLE
        || op >= Op.FIRST_SYSTEM;
  }

  /** Whether the hart executes it, on the registers in its array. */
  static boolean bypassesLocals(int op) {
    return op >= Op.FIRST_ATOMIC && op < Op.FIRST_FLOAT || op >= Op.FIRST_SYSTEM;
  }

  /** Emits the instruction at {@code offset} from {@link RegionLocals#BASE}. */
  void emit(int offset, long decoded) {
    int op = Decoded.op(decoded);
    if (op >= Op.FIRST_SINGLE) {
      floats.emit(op, decoded);
    } else if (op >= Op.FIRST_FLOAT) {
      floatAccess(op, decoded);
    } else if (op >= Op.FIRST_ATOMIC) {
      atomic(decoded);
    } else if (op == Op.FENCE) {
      out.invokestatic(ACCESS, "fence", type("V"));
    } else if (op >= Op.SB && op <= Op.SD) {
      address(decoded);
      locals.load(Decoded.rs2(decoded));
      store(STORES[op - Op.SB]);
    } else {
      value(op, offset, decoded);
      locals.store(Decoded.rd(decoded));
    }
  }

  // ---- memory

  private void address(long decoded) {
    out.aload(RegionLocals.DISPATCHER).aload(RegionLocals.TLB).iload(RegionLocals.CONTEXT);
    sum(decoded);
  }

  private void sum(long decoded) {
    locals.load(Decoded.rs1(decoded));
    if (Decoded.immediate(decoded) != 0) {
      out.loadConstant((long) Decoded.immediate(decoded)).ladd();
    }
  }

  private void load(String method) {
    out.invokestatic(ACCESS, method, type("J", "D", "A", "I", "J"));
  }

  private void store(String method) {
    out.invokestatic(ACCESS, method, type("V", "D", "A", "I", "J", "J"));
  }

  private void floatAccess(int op, long decoded) {
    address(decoded);
    switch (op) {
      case Op.FLD -> load("ld");
      case Op.FLW -> {
        load("lw");
        out.l2i();
        floats.box();
      }
      default -> {
        locals.loadFloat(Decoded.rs2(decoded));
        store(op == Op.FSD ? "sd" : "sw");
        return;
      }
    }
    locals.storeFloat(Decoded.rd(decoded));
    locals.markFloatDirty();
  }

  /** The hart's own atomics work on its registers. */
  private void atomic(long decoded) {
    out.aload(RegionLocals.DISPATCHER).loadConstant(decoded);
    out.invokevirtual(DISPATCHER_CLASS, "atomic", type("V", "J"));
    locals.forget(Decoded.rd(decoded));
  }

  // ---- arithmetic

  private void value(int op, int offset, long decoded) {
    if (op >= Op.LB && op <= Op.LWU) {
      address(decoded);
      load(LOADS[op - Op.LB]);
    } else if (op == Op.LUI) {
      out.loadConstant((long) Decoded.immediate(decoded));
    } else if (op == Op.AUIPC) {
      out.lload(RegionLocals.BASE).loadConstant((long) offset + Decoded.immediate(decoded)).ladd();
    } else if (op == Op.ADDI) {
      sum(decoded);
    } else if (op >= Op.MUL) {
      multiply(op, decoded);
    } else {
      integer(op, decoded);
    }
  }

  private void integer(int op, long decoded) {
    switch (op) {
      case Op.SLTI -> {
        longs(decoded, true);
        out.invokestatic(ACCESS, "slt", type("J", "J", "J"));
      }
      case Op.SLTIU -> {
        longs(decoded, true);
        out.invokestatic(ACCESS, "sltu", type("J", "J", "J"));
      }
      case Op.XORI -> longs(decoded, true).lxor();
      case Op.ORI -> longs(decoded, true).lor();
      case Op.ANDI -> longs(decoded, true).land();
      case Op.SLLI -> amount(decoded).lshl();
      case Op.SRLI -> amount(decoded).lushr();
      case Op.SRAI -> amount(decoded).lshr();
      case Op.ADDIW -> ints(decoded, true).iadd().i2l();
      case Op.SLLIW -> ints(decoded, true).ishl().i2l();
      case Op.SRLIW -> ints(decoded, true).iushr().i2l();
      case Op.SRAIW -> ints(decoded, true).ishr().i2l();
      case Op.ADD -> longs(decoded, false).ladd();
      case Op.SUB -> longs(decoded, false).lsub();
      case Op.SLL -> longs(decoded, false).l2i().lshl();
      case Op.SLT -> longs(decoded, false).invokestatic(ACCESS, "slt", type("J", "J", "J"));
      case Op.SLTU -> longs(decoded, false).invokestatic(ACCESS, "sltu", type("J", "J", "J"));
      case Op.XOR -> longs(decoded, false).lxor();
      case Op.SRL -> longs(decoded, false).l2i().lushr();
      case Op.SRA -> longs(decoded, false).l2i().lshr();
      case Op.OR -> longs(decoded, false).lor();
      case Op.AND -> longs(decoded, false).land();
      case Op.ADDW -> ints(decoded, false).iadd().i2l();
      case Op.SUBW -> ints(decoded, false).isub().i2l();
      case Op.SLLW -> ints(decoded, false).ishl().i2l();
      case Op.SRLW -> ints(decoded, false).iushr().i2l();
      case Op.SRAW -> ints(decoded, false).ishr().i2l();
      default -> throw new IllegalStateException("no integer operation: " + op);
    }
  }

  private void multiply(int op, long decoded) {
    switch (op) {
      case Op.MUL -> longs(decoded, false).lmul();
      case Op.MULW -> ints(decoded, false).imul().i2l();
      case Op.MULHU ->
          longs(decoded, false).invokestatic(MATH, "unsignedMultiplyHigh", type("J", "J", "J"));
      case Op.MULH -> longs(decoded, false).invokestatic(MATH, "multiplyHigh", type("J", "J", "J"));
      default -> {
        out.loadConstant(op);
        longs(decoded, false)
            .invokestatic(describe(Division.class), "execute", type("J", "I", "J", "J"));
      }
    }
  }

  private CodeBuilder longs(long decoded, boolean immediate) {
    locals.load(Decoded.rs1(decoded));
    if (immediate) {
      return out.loadConstant((long) Decoded.immediate(decoded));
    }
    locals.load(Decoded.rs2(decoded));
    return out;
  }

  private CodeBuilder amount(long decoded) {
    locals.load(Decoded.rs1(decoded));
    return out.loadConstant(Decoded.immediate(decoded));
  }

  private CodeBuilder ints(long decoded, boolean immediate) {
    locals.load(Decoded.rs1(decoded));
    out.l2i();
    if (immediate) {
      return out.loadConstant(Decoded.immediate(decoded));
    }
    locals.load(Decoded.rs2(decoded));
    return out.l2i();
  }
}
