package handover.riscv;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ConstantDescs;

/**
 * Where a region's method keeps things: fixed local variables, and guest registers.
 *
 * <p>Guest registers stay in the hart's arrays, so that entering and leaving a region costs nothing
 * and a trap finds them where they belong. Each write goes there at once; what was read or written
 * is kept in a local variable as well until control may come from elsewhere ({@link #forget()}).
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
  private static final int FIRST_INTEGER = 15;
  private static final int FIRST_FLOAT = FIRST_INTEGER + 2 * 32;

  private final CodeBuilder out;
  private final boolean floats;

  // Bit n: the local variable of register n holds its value.
  private int integersKept;
  private int floatsKept;

  /**
   * Locals of a method.
   *
   * @param floats whether it uses floating-point registers
   */
  RegionLocals(CodeBuilder out, boolean floats) {
    this.out = out;
    this.floats = floats;
  }

  /** Fetches what never changes while the region runs. */
  void prepare() {
    field("x", TypeKind.REFERENCE).astore(X);
    field("tlb", TypeKind.LONG).lstore(TLB);
    if (floats) {
      field("f", TypeKind.REFERENCE).astore(F);
      out.aload(DISPATCHER)
          .getfield(RegionEmitter.DISPATCHER_CLASS, "flags", RegionEmitter.describe(FpFlags.class))
          .astore(FLAGS);
    }
    out.iconst_0().istore(SITE).iconst_0().istore(FLOAT_DIRTY);
  }

  private CodeBuilder field(String name, TypeKind kind) {
    return out.aload(DISPATCHER)
        .getfield(
            RegionEmitter.DISPATCHER_CLASS,
            name,
            kind == TypeKind.LONG ? ConstantDescs.CD_long : ConstantDescs.CD_long.arrayType());
  }

  /** Whether the method uses floating-point registers. */
  boolean floats() {
    return floats;
  }

  /** Control may come from elsewhere: what local variables hold is not known any more. */
  void forget() {
    integersKept = 0;
    floatsKept = 0;
  }

  /** One integer register was written behind the back of the local variables. */
  void forget(int register) {
    if (register != Decoded.SINK) {
      integersKept &= ~(1 << register);
    }
  }

  /** An integer register onto the stack. */
  void load(int register) {
    if (register == 0) {
      out.lconst_0();
    } else {
      integersKept = load(X, register, FIRST_INTEGER, integersKept);
    }
  }

  /** From the stack into an integer register; x0 and the sink swallow it. */
  void store(int register) {
    if (register == 0 || register == Decoded.SINK) {
      out.pop2();
    } else {
      integersKept = store(X, register, FIRST_INTEGER, integersKept);
    }
  }

  void loadFloat(int register) {
    floatsKept = load(F, register, FIRST_FLOAT, floatsKept);
  }

  void storeFloat(int register) {
    floatsKept = store(F, register, FIRST_FLOAT, floatsKept);
  }

  private int load(int array, int register, int first, int kept) {
    int local = first + 2 * register;
    if ((kept >>> register & 1) != 0) {
      out.lload(local);
    } else {
      out.aload(array).loadConstant(register).laload().dup2().lstore(local);
    }
    return kept | 1 << register;
  }

  private int store(int array, int register, int first, int kept) {
    int local = first + 2 * register;
    out.lstore(local).aload(array).loadConstant(register).lload(local).lastore();
    return kept | 1 << register;
  }

  void markFloatDirty() {
    out.iconst_1().istore(FLOAT_DIRTY);
  }

  /** Tells the hart before the region is left. */
  void settle() {
    if (floats) {
      out.aload(DISPATCHER)
          .iload(FLOAT_DIRTY)
          .invokevirtual(
              RegionEmitter.DISPATCHER_CLASS, "floatDirty", RegionEmitter.type("V", "I"));
    }
  }
}
