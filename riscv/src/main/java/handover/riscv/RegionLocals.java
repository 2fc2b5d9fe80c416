package handover.riscv;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ConstantDescs;

/**
 * Where a region's method keeps things: fixed local variables, then one for each guest register it
 * uses. All of them hold the registers' values from the entry on, so that any exit may write all of
 * them back.
 */
final class RegionLocals {
  static final int DISPATCHER = 1;
  static final int BASE = 2;
  static final int LEFT = 4;
  static final int ENTRY = 5;
  static final int X = 6;
  static final int TLB = 7;
  static final int SITE = 9;
  static final int PC = 10;
  static final int F = 12;
  static final int FLAGS = 13;
  static final int FLOAT_DIRTY = 14;
  private static final int FIRST_REGISTER = 15;

  private final RegisterUse use;
  private final int[] x = new int[32];
  private final int[] f = new int[32];

  RegionLocals(RegisterUse use) {
    this.use = use;
    int next = FIRST_REGISTER;
    for (int i = 0; i < 32; i++) {
      if (((use.integersRead | use.integersWritten) >>> i & 1) != 0) {
        x[i] = next;
        next += 2;
      }
      if (((use.floatsRead | use.floatsWritten) >>> i & 1) != 0) {
        f[i] = next;
        next += 2;
      }
    }
  }

  void load(CodeBuilder out, int register) {
    if (register == 0) {
      out.lconst_0();
    } else {
      out.lload(x[register]);
    }
  }

  /** From the stack into a register; x0 and the sink swallow it. */
  void store(CodeBuilder out, int register) {
    if (register == 0 || register == Decoded.SINK) {
      out.pop2();
    } else {
      out.lstore(x[register]);
    }
  }

  void loadFloat(CodeBuilder out, int register) {
    out.lload(f[register]);
  }

  void storeFloat(CodeBuilder out, int register) {
    out.lstore(f[register]);
  }

  void markFloatDirty(CodeBuilder out) {
    out.iconst_1().istore(FLOAT_DIRTY);
  }

  /** Everything used, from the hart into locals. */
  void fill(CodeBuilder out) {
    for (int i = 0; i < 32; i++) {
      if (x[i] != 0) {
        out.aload(X).loadConstant(i).laload().lstore(x[i]);
      }
      if (f[i] != 0) {
        out.aload(F).loadConstant(i).laload().lstore(f[i]);
      }
    }
  }

  /** Everything the region writes, from locals to the hart. */
  void spill(CodeBuilder out) {
    for (int i = 0; i < 32; i++) {
      if ((use.integersWritten >>> i & 1) != 0) {
        spillInteger(out, i);
      }
      if ((use.floatsWritten >>> i & 1) != 0) {
        out.aload(F).loadConstant(i).lload(f[i]).lastore();
      }
    }
    if (use.floats()) {
      out.aload(DISPATCHER)
          .iload(FLOAT_DIRTY)
          .invokevirtual(
              RegionEmitter.DISPATCHER_CLASS, "floatDirty", RegionEmitter.type("V", "I"));
    }
  }

  /** One integer register to the hart. */
  void spillInteger(CodeBuilder out, int register) {
    if (register != 0) {
      out.aload(X).loadConstant(register).lload(x[register]).lastore();
    }
  }

  /** One integer register from the hart; the sink is left alone. */
  void fillInteger(CodeBuilder out, int register) {
    if (register != Decoded.SINK) {
      out.aload(X).loadConstant(register).laload().lstore(x[register]);
    }
  }

  /** Fetches what never changes while the region runs. */
  void prepare(CodeBuilder out) {
    field(out, "x", "[J").astore(X);
    field(out, "tlb", "J").lstore(TLB);
    if (use.floats()) {
      field(out, "f", "[J").astore(F);
      out.aload(DISPATCHER)
          .getfield(RegionEmitter.DISPATCHER_CLASS, "flags", RegionEmitter.describe(FpFlags.class))
          .astore(FLAGS);
    }
    out.iconst_0().istore(SITE).iconst_0().istore(FLOAT_DIRTY).lconst_0().lstore(PC);
  }

  private static CodeBuilder field(CodeBuilder out, String name, String descriptor) {
    return out.aload(DISPATCHER)
        .getfield(
            RegionEmitter.DISPATCHER_CLASS,
            name,
            descriptor.equals("J") ? ConstantDescs.CD_long : ConstantDescs.CD_long.arrayType());
  }
}
