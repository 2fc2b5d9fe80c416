package handover.riscv;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/**
 * Where a region's method keeps things: fixed local variables, and guest registers.
 *
 * <p>Guest registers stay in the hart's arrays, so that entering and leaving a region costs nothing
 * and a trap finds them where they belong. What was read or written is kept in local variables as
 * well, as long as control cannot come from where it is not known ({@link #begin}). What was
 * written goes to the arrays before anybody can look ({@link #flush}): at the next access to
 * memory, and at the end of the block.
 */
final class RegionLocals {
  static final int DISPATCHER = 1;
  static final int BASE = 2;
  static final int LEFT = 4;
  static final int ENTRY = 5;
  static final int X = 6;
  static final int TLB = 7;
  static final int SITE = 8;
  static final int PC = 9;
  static final int F = 11;
  static final int FLAGS = 12;
  static final int FLOAT_DIRTY = 13;
  static final int CONTEXT = 14;
  private static final int FIRST_INTEGER = 15;
  private static final int FIRST_FLOAT = FIRST_INTEGER + 2 * 32;

  private final CodeBuilder out;
  private final boolean floats;
  private final boolean owned;

  // Bit n: the local variable of register n holds its value.
  private int integersKept;
  private int floatsKept;

  // Bit n: only the local variable does.
  private int integersPending;
  private int floatsPending;

  /**
   * Locals of a method.
   *
   * @param floats whether it uses floating-point registers
   * @param owned whether it belongs to one hart ({@link RegionOwner})
   */
  RegionLocals(CodeBuilder out, boolean floats, boolean owned) {
    this.out = out;
    this.floats = floats;
    this.owned = owned;
  }

  /** Fetches what never changes while the region runs. */
  void prepare() {
    if (owned) {
      component("dispatcher", RegionEmitter.DISPATCHER_CLASS).astore(DISPATCHER);
    }
    array("x").astore(X);
    array("tlb").astore(TLB);
    if (floats) {
      array("f").astore(F);
      field("flags", RegionEmitter.describe(FpFlags.class)).astore(FLAGS);
    }
    out.aload(DISPATCHER).getfield(RegionEmitter.DISPATCHER_CLASS, "context", ConstantDescs.CD_int);
    // So that HotSpot knows it to be in the array.
    out.loadConstant(Tlb.CONTEXT_MASK).iand().istore(CONTEXT);
    out.iconst_0().istore(SITE).iconst_0().istore(FLOAT_DIRTY);
  }

  /** Pushes an array, which is known not to be null from now on. */
  private CodeBuilder array(String name) {
    field(name, ConstantDescs.CD_long.arrayType());
    return owned ? out : out.dup().arraylength().pop();
  }

  /** Pushes what the owner has; nobody's region has it of whose dispatcher it was given. */
  private CodeBuilder field(String name, ClassDesc type) {
    return owned
        ? component(name, type)
        : out.aload(DISPATCHER).getfield(RegionEmitter.DISPATCHER_CLASS, name, type);
  }

  private CodeBuilder component(String name, ClassDesc type) {
    return out.getstatic(RegionEmitter.NAME, RegionEmitter.OWNER, RegionEmitter.OWNER_CLASS)
        .invokevirtual(RegionEmitter.OWNER_CLASS, name, MethodTypeDesc.of(type));
  }

  /** Whether the method uses floating-point registers. */
  boolean floats() {
    return floats;
  }

  /** A block begins: local variables hold these integer registers, and no other. */
  void begin(int integers) {
    integersKept = integers;
    floatsKept = 0;
  }

  /** Bit n: the local variable of integer register n holds its value. */
  int kept() {
    return integersKept;
  }

  /** Fetches integer registers for who takes them for granted. */
  void fetch(int integers) {
    for (int n = 1; n < 32; n++) {
      if ((integers >>> n & 1) != 0) {
        out.aload(X).loadConstant(n).laload().lstore(FIRST_INTEGER + 2 * n);
      }
    }
  }

  /** Puts what was written where the hart has it. */
  void flush() {
    flush(X, FIRST_INTEGER, integersPending);
    flush(F, FIRST_FLOAT, floatsPending);
    integersPending = 0;
    floatsPending = 0;
  }

  private void flush(int array, int first, int pending) {
    for (int n = 0; n < 32; n++) {
      if ((pending >>> n & 1) != 0) {
        out.aload(array).loadConstant(n).lload(first + 2 * n).lastore();
      }
    }
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
      out.lstore(FIRST_INTEGER + 2 * register);
      integersKept |= 1 << register;
      integersPending |= 1 << register;
    }
  }

  void loadFloat(int register) {
    floatsKept = load(F, register, FIRST_FLOAT, floatsKept);
  }

  void storeFloat(int register) {
    out.lstore(FIRST_FLOAT + 2 * register);
    floatsKept |= 1 << register;
    floatsPending |= 1 << register;
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
