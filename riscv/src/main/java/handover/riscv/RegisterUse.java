package handover.riscv;

/** Which guest registers a region's instructions read and write; bit n for register n. */
final class RegisterUse {
  int integersRead;
  int integersWritten;
  int floatsRead;
  int floatsWritten;

  void readInteger(int register) {
    integersRead |= 1 << register & ~1;
  }

  /** A write to {@link Decoded#SINK} is none. */
  void writeInteger(int register) {
    if (register != Decoded.SINK) {
      integersWritten |= 1 << register & ~1;
    }
  }

  void readFloat(int register) {
    floatsRead |= 1 << register;
  }

  void writeFloat(int register) {
    floatsWritten |= 1 << register;
  }

  /** Adds what an instruction reads and writes. */
  void add(long decoded) {
    int op = Decoded.op(decoded);
    if (op >= Op.FIRST_FLOAT) {
      FloatEmitter.registers(op, decoded, this);
      return;
    }
    // Where a format has no such operand its field is zero, and so stands for x0.
    readInteger(Decoded.rs1(decoded));
    readInteger(Decoded.rs2(decoded));
    boolean none = op >= Op.BEQ && op <= Op.BGEU || op >= Op.SB && op <= Op.SD || op == Op.FENCE;
    if (!none) {
      writeInteger(Decoded.rd(decoded));
    }
  }

  boolean floats() {
    return (floatsRead | floatsWritten) != 0;
  }
}
