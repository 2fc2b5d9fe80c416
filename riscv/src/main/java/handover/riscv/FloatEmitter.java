package handover.riscv;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;

/**
 * Emits floating-point arithmetic as calls of the operations the interpreter uses ({@link
 * Binary64}, {@link Binary32}, {@link FpConversions}), so that rounding and flags are theirs.
 */
final class FloatEmitter {
  private static final ClassDesc FLAGS = RegionEmitter.describe(FpFlags.class);
  private static final Shape[] SHAPES = new Shape[Op.FIRST_SYSTEM];

  /**
   * How an operation is called.
   *
   * @param arguments a letter each: d is a double's raw bits, s a single's, w an integer register's
   *     low word, l all of it, m the rounding mode, g the flags; the n-th operand of its kind is
   *     rs1, rs2, rs3
   * @param result d or s: a floating-point register; l: an integer one; i: the same, from an int
   */
  private record Shape(Class<?> owner, String method, String arguments, char result) {
    MethodTypeDesc type() {
      List<ClassDesc> parameters = new ArrayList<>();
      arguments.chars().forEach(c -> parameters.add(parameter((char) c)));
      boolean isInt = result == 's' || result == 'i';
      return MethodTypeDesc.of(isInt ? ConstantDescs.CD_int : ConstantDescs.CD_long, parameters);
    }

    private static ClassDesc parameter(char kind) {
      return switch (kind) {
        case 'd', 'l' -> ConstantDescs.CD_long;
        case 'g' -> FLAGS;
        default -> ConstantDescs.CD_int;
      };
    }
  }

  static {
    bothFormats(Op.FADD_S, Op.FADD_D, "add", "ddmg");
    bothFormats(Op.FSUB_S, Op.FSUB_D, "subtract", "ddmg");
    bothFormats(Op.FMUL_S, Op.FMUL_D, "multiply", "ddmg");
    bothFormats(Op.FDIV_S, Op.FDIV_D, "divide", "ddmg");
    bothFormats(Op.FSQRT_S, Op.FSQRT_D, "squareRoot", "dmg");
    bothFormats(Op.FMADD_S, Op.FMADD_D, "multiplyAdd", "dddmg");
    bothFormats(Op.FMSUB_S, Op.FMSUB_D, "multiplySubtract", "dddmg");
    bothFormats(Op.FNMSUB_S, Op.FNMSUB_D, "negatedMultiplySubtract", "dddmg");
    bothFormats(Op.FNMADD_S, Op.FNMADD_D, "negatedMultiplyAdd", "dddmg");
    bothFormats(Op.FSGNJ_S, Op.FSGNJ_D, "signInject", "dd");
    bothFormats(Op.FSGNJN_S, Op.FSGNJN_D, "signInjectNegated", "dd");
    bothFormats(Op.FSGNJX_S, Op.FSGNJX_D, "signInjectXor", "dd");
    bothFormats(Op.FMIN_S, Op.FMIN_D, "min", "ddg");
    bothFormats(Op.FMAX_S, Op.FMAX_D, "max", "ddg");
    comparison(Op.FEQ_S, Op.FEQ_D, "equal", "ddg");
    comparison(Op.FLT_S, Op.FLT_D, "less", "ddg");
    comparison(Op.FLE_S, Op.FLE_D, "lessOrEqual", "ddg");
    comparison(Op.FCLASS_S, Op.FCLASS_D, "classify", "d");
    conversion(Op.FCVT_W_S, "singleToWord", "smg", 'l');
    conversion(Op.FCVT_WU_S, "singleToUnsignedWord", "smg", 'l');
    conversion(Op.FCVT_L_S, "singleToLong", "smg", 'l');
    conversion(Op.FCVT_LU_S, "singleToUnsignedLong", "smg", 'l');
    conversion(Op.FCVT_S_W, "wordToSingle", "wmg", 's');
    conversion(Op.FCVT_S_WU, "unsignedWordToSingle", "wmg", 's');
    conversion(Op.FCVT_S_L, "longToSingle", "lmg", 's');
    conversion(Op.FCVT_S_LU, "unsignedLongToSingle", "lmg", 's');
    conversion(Op.FCVT_W_D, "doubleToWord", "dmg", 'l');
    conversion(Op.FCVT_WU_D, "doubleToUnsignedWord", "dmg", 'l');
    conversion(Op.FCVT_L_D, "doubleToLong", "dmg", 'l');
    conversion(Op.FCVT_LU_D, "doubleToUnsignedLong", "dmg", 'l');
    conversion(Op.FCVT_D_W, "wordToDouble", "w", 'd');
    conversion(Op.FCVT_D_WU, "unsignedWordToDouble", "w", 'd');
    conversion(Op.FCVT_D_L, "longToDouble", "lmg", 'd');
    conversion(Op.FCVT_D_LU, "unsignedLongToDouble", "lmg", 'd');
    conversion(Op.FCVT_S_D, "doubleToSingle", "dmg", 's');
    conversion(Op.FCVT_D_S, "singleToDouble", "sg", 'd');
  }

  private static void bothFormats(int single, int twice, String method, String arguments) {
    SHAPES[single] = new Shape(Binary32.class, method, arguments.replace('d', 's'), 's');
    SHAPES[twice] = new Shape(Binary64.class, method, arguments, 'd');
  }

  private static void comparison(int single, int twice, String method, String arguments) {
    SHAPES[single] = new Shape(Binary32.class, method, arguments.replace('d', 's'), 'l');
    SHAPES[twice] = new Shape(Binary64.class, method, arguments, 'l');
  }

  private static void conversion(int op, String method, String arguments, char result) {
    SHAPES[op] = new Shape(FpConversions.class, method, arguments, result);
  }

  private final CodeBuilder out;
  private final RegionLocals locals;

  FloatEmitter(CodeBuilder out, RegionLocals locals) {
    this.out = out;
    this.locals = locals;
  }

  /** Whether the rounding field asks for a mode there is none of. */
  static boolean reservedRounding(int op, long decoded) {
    int mode = Decoded.immediate(decoded) & 7;
    return FloatOps.rounds(op) && mode > FloatingPoint.RMM && mode != FloatingPoint.DYN;
  }

  private static int operand(long decoded, int index) {
    return switch (index) {
      case 0 -> Decoded.rs1(decoded);
      case 1 -> Decoded.rs2(decoded);
      default -> Decoded.immediate(decoded) >>> 8 & 31;
    };
  }

  /** Emits one that is neither load nor store. */
  void emit(int op, long decoded) {
    Shape shape = SHAPES[op];
    if (shape == null) {
      emitMove(op, decoded);
    } else {
      for (int i = 0; i < shape.arguments.length(); i++) {
        argument(shape.arguments.charAt(i), decoded, i);
      }
      out.invokestatic(RegionEmitter.describe(shape.owner), shape.method, shape.type());
      result(shape.result, Decoded.rd(decoded));
    }
    locals.markFloatDirty();
  }

  private void argument(char kind, long decoded, int index) {
    switch (kind) {
      case 'd' -> locals.loadFloat(operand(decoded, index));
      case 's' -> {
        locals.loadFloat(operand(decoded, index));
        unbox();
      }
      case 'l' -> locals.load(operand(decoded, index));
      case 'w' -> {
        locals.load(operand(decoded, index));
        out.l2i();
      }
      case 'm' -> {
        int mode = Decoded.immediate(decoded) & 7;
        out.loadConstant(mode == FloatingPoint.DYN ? FloatingPoint.RNE : mode);
      }
      default -> out.aload(RegionLocals.FLAGS);
    }
  }

  private void result(char kind, int rd) {
    switch (kind) {
      case 'd' -> locals.storeFloat(rd);
      case 's' -> {
        box();
        locals.storeFloat(rd);
      }
      default -> locals.store(rd);
    }
  }

  private void emitMove(int op, long decoded) {
    int rd = Decoded.rd(decoded);
    int rs = Decoded.rs1(decoded);
    switch (op) {
      case Op.FMV_X_D -> {
        locals.loadFloat(rs);
        locals.store(rd);
      }
      case Op.FMV_X_W -> {
        locals.loadFloat(rs);
        out.l2i().i2l();
        locals.store(rd);
      }
      case Op.FMV_D_X -> {
        locals.load(rs);
        locals.storeFloat(rd);
      }
      default -> {
        locals.load(rs);
        out.l2i();
        box();
        locals.storeFloat(rd);
      }
    }
  }

  /** int to a boxed single. */
  void box() {
    out.invokestatic(
        RegionEmitter.describe(FloatingPoint.class),
        "boxS",
        MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int));
  }

  private void unbox() {
    out.invokestatic(
        RegionEmitter.describe(FloatingPoint.class),
        "unboxS",
        MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_long));
  }
}
