package handover.riscv;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** RISC-V code being written at its final address, and the encodings tests need. */
final class MachineCode {
  static final int CSRRW = 1;
  static final int CSRRS = 2;
  static final int CSRRC = 3;

  private static final int OP_IMM = 0x13;
  private static final int AUIPC = 0x17;
  private static final int SYSTEM = 0x73;

  private final ByteBuffer bytes;
  private final long base;

  /**
   * Writes into a window of memory.
   *
   * @param bytes written from its position on
   * @param base the address of byte 0
   */
  MachineCode(ByteBuffer bytes, long base) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    this.base = base;
  }

  /** The address of the next instruction. */
  long here() {
    return base + bytes.position();
  }

  /** Appends a 32-bit instruction, or a 16-bit one (low two bits not 11). */
  MachineCode emit(int instruction) {
    if ((instruction & 3) == 3) {
      bytes.putInt(instruction);
    } else {
      bytes.putShort((short) instruction);
    }
    return this;
  }

  /** Loads an address within 2 GiB: two instructions. */
  MachineCode loadAddress(int rd, long target) {
    int at = bytes.position();
    bytes.putLong(0);
    return patchAddress(at, rd, target);
  }

  /** Leaves room for {@link #loadAddress}; the result goes to {@link #patchAddress}. */
  int reserveAddress() {
    int at = bytes.position();
    bytes.putLong(0);
    return at;
  }

  MachineCode patchAddress(int at, int rd, long target) {
    int offset = Math.toIntExact(target - (base + at));
    int high = offset + 0x800 & 0xffff_f000;
    bytes.putInt(at, high | rd << 7 | AUIPC);
    bytes.putInt(at + 4, addi(rd, rd, offset - high));
    return this;
  }

  /** Loads a constant of 32 bits, sign-extended. */
  MachineCode loadImmediate(int rd, int value) {
    int high = value + 0x800 & 0xffff_f000;
    return emit(high | rd << 7 | 0x37).emit(i(0x1b, 0, rd, rd, value - high));
  }

  static int r(int opcode, int funct3, int funct7, int rd, int rs1, int rs2) {
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
  }

  static int i(int opcode, int funct3, int rd, int rs1, int immediate) {
    return immediate << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
  }

  static int s(int opcode, int funct3, int rs1, int rs2, int immediate) {
    return (immediate >> 5) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (immediate & 31) << 7
        | opcode;
  }

  static int b(int funct3, int rs1, int rs2, int offset) {
    return (offset >> 12 & 1) << 31
        | (offset >> 5 & 63) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (offset >> 1 & 15) << 8
        | (offset >> 11 & 1) << 7
        | 0x63;
  }

  static int jal(int rd, int offset) {
    return (offset >> 20 & 1) << 31
        | (offset >> 1 & 1023) << 21
        | (offset >> 11 & 1) << 20
        | (offset >> 12 & 255) << 12
        | rd << 7
        | 0x6f;
  }

  static int jalr(int rd, int rs1, int offset) {
    return i(0x67, 0, rd, rs1, offset);
  }

  static int addi(int rd, int rs1, int immediate) {
    return i(OP_IMM, 0, rd, rs1, immediate);
  }

  static int ld(int rd, int rs1, int offset) {
    return i(0x03, 3, rd, rs1, offset);
  }

  static int sd(int rs2, int rs1, int offset) {
    return s(0x23, 3, rs1, rs2, offset);
  }

  static int fld(int rd, int rs1, int offset) {
    return i(0x07, 3, rd, rs1, offset);
  }

  static int fsd(int rs2, int rs1, int offset) {
    return s(0x27, 3, rs1, rs2, offset);
  }

  /** csrrw, csrrs or csrrc; with 4 added to {@code funct3} the immediate forms. */
  static int csr(int funct3, int rd, int number, int rs1) {
    return i(SYSTEM, funct3, rd, rs1, number);
  }

  static int csrRead(int rd, int number) {
    return csr(CSRRS, rd, number, 0);
  }

  static int csrWrite(int number, int rs1) {
    return csr(CSRRW, 0, number, rs1);
  }

  static int ecall() {
    return SYSTEM;
  }

  static int mret() {
    return 0x3020_0073;
  }

  static int sret() {
    return 0x1020_0073;
  }

  static int wfi() {
    return 0x1050_0073;
  }

  static int fenceI() {
    return 0x0000_100f;
  }

  static int sfenceVma(int address, int asid) {
    return r(SYSTEM, 0, 9, 0, address, asid);
  }
}
