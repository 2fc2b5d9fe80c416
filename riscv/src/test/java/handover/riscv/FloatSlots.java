package handover.riscv;

import static handover.riscv.MachineCode.i;
import static handover.riscv.MachineCode.r;

/** F and D: every operation in every rounding mode, valid or not, with operands at the edges. */
final class FloatSlots {
  /** The register above all that slots use. */
  private static final int FS_OPERAND = 29;

  private static final int LOAD_FP = 0x07;
  private static final int STORE_FP = 0x27;
  private static final int OP_FP = 0x53;
  private static final int[] FUSED = {0x43, 0x47, 0x4b, 0x4f};
  private static final String[] FUSED_NAMES = {"fmadd", "fmsub", "fnmsub", "fnmadd"};
  private static final String[] ARITHMETIC = {"fadd", "fsub", "fmul", "fdiv"};

  private static final String[] COMPARISONS = {"le", "lt", "eq"};
  private static final String[] INTEGERS = {"w", "wu", "l", "lu"};

  private final OracleValues values;

  FloatSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    int width = values.below(2);
    return switch (values.below(12)) {
      case 0, 1, 2 -> arithmetic(width);
      case 3, 4 -> fused(width);
      case 5 -> squareRoot(width);
      case 6 -> select(width);
      case 7 -> compare(width);
      case 8 -> toInteger(width);
      case 9 -> fromInteger(width);
      case 10 -> values.oneIn(2) ? betweenFormats(width) : move(width);
      default -> values.oneIn(2) ? load(width) : store(width);
    };
  }

  private OracleSlot arithmetic(int width) {
    int op = values.below(4);
    return binary(ARITHMETIC[op], op << 2, roundingMode(), width);
  }

  private OracleSlot select(int width) {
    // fsgnj, fsgnjn, fsgnjx or fmin, fmax; now and then a reserved one.
    int funct5 = values.pick(4, 5);
    return binary(funct5 == 4 ? "fsgnj" : "fmin/max", funct5 << 2, values.below(4), width);
  }

  private OracleSlot binary(String name, int funct7, int funct3, int width) {
    int rd = values.below(32);
    int rs1 = values.below(32);
    int rs2 = values.below(32);
    long a = operand(width);
    long b = values.oneIn(5) ? near(a, width) : operand(width);
    return slot("%s.%s rm=%d f%d,f%d,f%d".formatted(name, letter(width), funct3, rd, rs1, rs2))
        .f(rs1, a)
        .f(rs2, b)
        .run(r(OP_FP, funct3, funct7 | width, rd, rs1, rs2));
  }

  private OracleSlot fused(int width) {
    int op = values.below(4);
    int mode = roundingMode();
    int rd = values.below(32);
    int rs1 = values.below(32);
    int rs2 = values.below(32);
    int rs3 = values.below(32);
    long a = operand(width);
    long b = operand(width);
    long c = values.oneIn(3) ? nearProduct(a, b, width) : operand(width);
    return slot("%s.%s rm=%d f%d,f%d,f%d,f%d"
            .formatted(FUSED_NAMES[op], letter(width), mode, rd, rs1, rs2, rs3))
        .f(rs1, a)
        .f(rs2, b)
        .f(rs3, c)
        .run(r(FUSED[op], mode, rs3 << 2 | width, rd, rs1, rs2));
  }

  private OracleSlot squareRoot(int width) {
    int mode = roundingMode();
    int rd = values.below(32);
    int rs1 = values.below(32);
    long a = values.oneIn(4) ? operand(width) : operand(width) & ~(1L << (width == 1 ? 63 : 31));
    return slot("fsqrt.%s rm=%d f%d,f%d".formatted(letter(width), mode, rd, rs1))
        .f(rs1, a)
        .run(r(OP_FP, mode, 0x2c | width, rd, rs1, 0));
  }

  private OracleSlot compare(int width) {
    int funct3 = values.below(3);
    int rd = values.below(FS_OPERAND);
    int rs1 = values.below(32);
    int rs2 = values.below(32);
    long a = operand(width);
    long b = values.oneIn(2) ? near(a, width) : operand(width);
    return slot("f%s.%s x%d,f%d,f%d".formatted(COMPARISONS[funct3], letter(width), rd, rs1, rs2))
        .f(rs1, a)
        .f(rs2, b)
        .run(r(OP_FP, funct3, 0x50 | width, rd, rs1, rs2));
  }

  private OracleSlot toInteger(int width) {
    int mode = roundingMode();
    int kind = values.below(4);
    int rd = values.below(FS_OPERAND);
    int rs1 = values.below(32);
    return slot("fcvt.%s.%s rm=%d x%d,f%d".formatted(integer(kind), letter(width), mode, rd, rs1))
        .f(rs1, operand(width))
        .run(r(OP_FP, mode, 0x60 | width, rd, rs1, kind));
  }

  private OracleSlot fromInteger(int width) {
    int mode = roundingMode();
    int kind = values.below(4);
    int rd = values.below(32);
    int rs1 = values.below(FS_OPERAND);
    return slot("fcvt.%s.%s rm=%d f%d,x%d".formatted(letter(width), integer(kind), mode, rd, rs1))
        .x(rs1, values.integer())
        .run(r(OP_FP, mode, 0x68 | width, rd, rs1, kind));
  }

  private OracleSlot betweenFormats(int width) {
    int mode = roundingMode();
    int rd = values.below(32);
    int rs1 = values.below(32);
    return slot("fcvt.%s.%s rm=%d f%d,f%d"
            .formatted(letter(width), letter(1 - width), mode, rd, rs1))
        .f(rs1, operand(1 - width))
        .run(r(OP_FP, mode, 0x20 | width, rd, rs1, 1 - width));
  }

  private OracleSlot move(int width) {
    int x = values.below(FS_OPERAND);
    int f = values.below(32);
    return switch (values.below(3)) {
      case 0 ->
          slot("fmv.x.%s x%d,f%d".formatted(letter(width), x, f))
              .f(f, operand(width))
              .run(r(OP_FP, 0, 0x70 | width, x, f, 0));
      case 1 ->
          slot("fclass.%s x%d,f%d".formatted(letter(width), x, f))
              .f(f, operand(width))
              .run(r(OP_FP, 1, 0x70 | width, x, f, 0));
      default ->
          slot("fmv.%s.x f%d,x%d".formatted(letter(width), f, x))
              .x(x, values.integer())
              .run(r(OP_FP, 0, 0x78 | width, f, x, 0));
    };
  }

  private OracleSlot load(int width) {
    int rd = values.below(32);
    int rs1 = 1 + values.below(FS_OPERAND - 1);
    int offset = values.immediate(12);
    return slot("fl%s f%d,%d(x%d)".formatted(memory(width), rd, offset, rs1))
        .x(rs1, address() - offset)
        .run(i(LOAD_FP, 2 + width, rd, rs1, offset));
  }

  private OracleSlot store(int width) {
    int rs1 = 1 + values.below(FS_OPERAND - 1);
    int rs2 = values.below(32);
    int offset = values.immediate(12);
    long address = address();
    OracleSlot slot =
        slot("fs%s f%d,%d(x%d)".formatted(memory(width), rs2, offset, rs1))
            .f(rs2, values.doubleBits())
            .x(rs1, address - offset)
            .run(MachineCode.s(STORE_FP, 2 + width, rs1, rs2, offset));
    return IntegerSlots.lookAt(slot, address);
  }

  private OracleSlot slot(String name) {
    OracleSlot slot = new OracleSlot(name);
    // Flags fresh, NX alone (the host's fast path) or anything; a rounding mode valid or not.
    int flags = values.oneIn(3) ? values.below(32) : values.pick(0, 1);
    int mode = values.oneIn(15) ? values.below(8) : values.below(5);
    slot.csr(Csrs.FCSR, (long) mode << 5 | flags);
    if (values.oneIn(8)) {
      // FS to initial or off.
      slot.x(FS_OPERAND, values.pick(0x4000, 0x6000))
          .run(MachineCode.csr(MachineCode.CSRRC, 0, Csrs.MSTATUS, FS_OPERAND));
    }
    return slot;
  }

  private int roundingMode() {
    return values.oneIn(30) ? values.pick(5, 6) : values.oneIn(3) ? 7 : values.below(5);
  }

  private long address() {
    return OracleImage.SCRATCH + values.below(OracleImage.SCRATCH_SIZE - 16);
  }

  private long operand(int width) {
    return width == 1 ? values.doubleBits() : values.boxedSingle();
  }

  // Equal, opposite, or a unit or two in the last place away.
  private long near(long bits, int width) {
    long sign = values.oneIn(2) ? 1L << (width == 1 ? 63 : 31) : 0;
    return (bits ^ sign) + values.below(5) - 2;
  }

  // So that a fused operation cancels to its last bits.
  private long nearProduct(long a, long b, int width) {
    if (width == 1) {
      double product = Double.longBitsToDouble(a) * Double.longBitsToDouble(b);
      return near(Double.doubleToRawLongBits(product), 1);
    }
    float product = Float.intBitsToFloat((int) a) * Float.intBitsToFloat((int) b);
    return near(0xffff_ffff_0000_0000L | Float.floatToRawIntBits(product), 0);
  }

  private static String letter(int width) {
    return width == 1 ? "d" : "s";
  }

  private static String memory(int width) {
    return width == 1 ? "d" : "w";
  }

  private static String integer(int kind) {
    return INTEGERS[kind];
  }
}
