package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.i;
import static handover.riscv.MachineCode.r;

/** RV64I and M: computation, control transfer, loads and stores. */
final class IntegerSlots {
  /** A register-register instruction. */
  private record Binary(String name, int opcode, int funct3, int funct7) {}

  private static final Binary[] BINARIES = {
    new Binary("add", 0x33, 0, 0),
    new Binary("sub", 0x33, 0, 0x20),
    new Binary("sll", 0x33, 1, 0),
    new Binary("slt", 0x33, 2, 0),
    new Binary("sltu", 0x33, 3, 0),
    new Binary("xor", 0x33, 4, 0),
    new Binary("srl", 0x33, 5, 0),
    new Binary("sra", 0x33, 5, 0x20),
    new Binary("or", 0x33, 6, 0),
    new Binary("and", 0x33, 7, 0),
    new Binary("mul", 0x33, 0, 1),
    new Binary("mulh", 0x33, 1, 1),
    new Binary("mulhsu", 0x33, 2, 1),
    new Binary("mulhu", 0x33, 3, 1),
    new Binary("div", 0x33, 4, 1),
    new Binary("divu", 0x33, 5, 1),
    new Binary("rem", 0x33, 6, 1),
    new Binary("remu", 0x33, 7, 1),
    new Binary("addw", 0x3b, 0, 0),
    new Binary("subw", 0x3b, 0, 0x20),
    new Binary("sllw", 0x3b, 1, 0),
    new Binary("srlw", 0x3b, 5, 0),
    new Binary("sraw", 0x3b, 5, 0x20),
    new Binary("mulw", 0x3b, 0, 1),
    new Binary("divw", 0x3b, 4, 1),
    new Binary("divuw", 0x3b, 5, 1),
    new Binary("remw", 0x3b, 6, 1),
    new Binary("remuw", 0x3b, 7, 1),
  };

  private static final int C_NOP = 1;
  private static final String[] BRANCH = {"beq", "bne", "", "", "blt", "bge", "bltu", "bgeu"};
  private static final String[] LOAD = {"lb", "lh", "lw", "ld", "lbu", "lhu", "lwu"};
  private static final String[] STORE = {"sb", "sh", "sw", "sd"};

  private final OracleValues values;

  IntegerSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    return switch (values.below(10)) {
      case 0, 1, 2 -> binary();
      case 3, 4 -> immediate();
      case 5 -> upper();
      case 6 -> branch();
      case 7 -> jump();
      case 8 -> values.oneIn(20) ? selfModifying() : load();
      default -> store();
    };
  }

  private OracleSlot binary() {
    Binary op = BINARIES[values.below(BINARIES.length)];
    int rd = values.register();
    int rs1 = values.register();
    int rs2 = values.register();
    long a = values.integer();
    long b = values.oneIn(6) ? a : values.integer();
    return new OracleSlot("%s x%d,x%d,x%d".formatted(op.name, rd, rs1, rs2))
        .x(rs1, a)
        .x(rs2, b)
        .run(r(op.opcode, op.funct3, op.funct7, rd, rs1, rs2));
  }

  private OracleSlot immediate() {
    int funct3 = values.below(8);
    boolean word = (funct3 == 0 || funct3 == 1 || funct3 == 5) && values.oneIn(2);
    int immediate = values.immediate(12);
    if (funct3 == 1 || funct3 == 5) {
      immediate &= word ? 31 : 63;
      immediate |= funct3 == 5 ? values.pick(0, 0x400) : 0;
    }
    int rd = values.register();
    int rs1 = values.register();
    return new OracleSlot(
            "op-imm%s/%d x%d,x%d,%d".formatted(word ? "-32" : "", funct3, rd, rs1, immediate))
        .x(rs1, values.integer())
        .run(i(word ? 0x1b : 0x13, funct3, rd, rs1, immediate));
  }

  private OracleSlot upper() {
    int rd = values.register();
    int immediate = values.immediate(20) << 12;
    boolean pcRelative = values.oneIn(2);
    return new OracleSlot("%s x%d,0x%x".formatted(pcRelative ? "auipc" : "lui", rd, immediate))
        .run(immediate | rd << 7 | (pcRelative ? 0x17 : 0x37));
  }

  private OracleSlot branch() {
    int funct3 = values.pick(0, 1, 4, 5, 6, 7);
    int rs1 = values.below(28);
    int rs2 = values.below(28);
    long a = values.integer();
    long b = values.oneIn(3) ? a : values.integer();
    int offset = distance(values.oneIn(30) ? 12 : 6);
    OracleSlot slot =
        new OracleSlot("%s x%d,x%d,%d".formatted(BRANCH[funct3], rs1, rs2, offset))
            .x(rs1, a)
            .x(rs2, b);
    return jump(slot, MachineCode.b(funct3, rs1, rs2, offset), offset);
  }

  private OracleSlot jump() {
    int rd = values.below(28);
    if (values.oneIn(2)) {
      int offset = distance(values.oneIn(30) ? 14 : 6);
      return jump(
          new OracleSlot("jal x%d,%d".formatted(rd, offset)), MachineCode.jal(rd, offset), offset);
    }
    int rs1 = 1 + values.below(27);
    int offset = values.immediate(12);
    int odd = values.below(2);
    return new OracleSlot("jalr x%d,%d(x%d)".formatted(rd, offset, rs1))
        .x(28, 0)
        .x(rs1, body -> body + 8 + odd - offset)
        .run(MachineCode.jalr(rd, rs1, offset), addi(28, 28, 1), addi(28, 28, 2));
  }

  /** An even distance that {@link #jump(OracleSlot, int, int)} can lay out. */
  private int distance(int width) {
    return distance(values, width);
  }

  static int distance(OracleValues values, int width) {
    int distance = 12 + (values.below((1 << width) - 12) & -2);
    return values.oneIn(2) ? distance : -distance;
  }

  /**
   * Lays out a control transfer whose distance is at least 12 either way: x28 counts 1 when it is
   * not taken, 2 where it leads.
   */
  static OracleSlot jump(OracleSlot slot, int transfer, int offset) {
    slot.x(28, 0);
    int size = (transfer & 3) == 3 ? 4 : 2;
    if (offset > 0) {
      slot.run(transfer, addi(28, 28, 1), MachineCode.jal(0, offset - size));
      pad(slot, offset - size - 8);
      return slot.run(addi(28, 28, 2));
    }
    slot.run(MachineCode.jal(0, 4 - offset), addi(28, 28, 2));
    slot.run(MachineCode.jal(0, size - offset));
    pad(slot, -offset - 8);
    return slot.run(transfer, addi(28, 28, 1));
  }

  private static void pad(OracleSlot slot, int bytes) {
    for (int filled = 0; filled < bytes; filled += 2) {
      slot.run(C_NOP);
    }
  }

  private OracleSlot load() {
    int width = values.below(7);
    int rd = values.register();
    int rs1 = values.base();
    int offset = values.immediate(12);
    return new OracleSlot("%s x%d,%d(x%d)".formatted(LOAD[width], rd, offset, rs1))
        .x(rs1, scratch(width & 3) - offset)
        .run(i(0x03, width, rd, rs1, offset));
  }

  private OracleSlot store() {
    int width = values.below(4);
    int rs1 = values.base();
    int rs2 = values.register();
    int offset = values.immediate(12);
    long address = scratch(width);
    OracleSlot slot =
        new OracleSlot("%s x%d,%d(x%d)".formatted(STORE[width], rs2, offset, rs1))
            .x(rs2, values.integer())
            .x(rs1, address - offset)
            .run(MachineCode.s(0x23, width, rs1, rs2, offset));
    return lookAt(slot, address);
  }

  /** Reads back the doublewords an access to {@code address} can have touched. */
  static OracleSlot lookAt(OracleSlot slot, long address) {
    int aligned = (int) address & -8;
    int high = aligned + 0x800 & 0xffff_f000;
    return slot.after(
        high | 27 << 7 | 0x37,
        addi(27, 27, aligned - high),
        // lui sign-extends; RAM lies above 2 GiB.
        i(0x13, 1, 27, 27, 32),
        i(0x13, 5, 27, 27, 32),
        MachineCode.ld(26, 27, 0),
        MachineCode.ld(27, 27, 8));
  }

  /** Calls code, rewrites it, calls it again after fence.i. */
  private OracleSlot selfModifying() {
    long first = (long) MachineCode.jalr(0, 1, 0) << 32 | addi(12, 12, values.immediate(12));
    long second = (long) MachineCode.jalr(0, 1, 0) << 32 | addi(13, 12, values.immediate(12));
    long address = scratch(3) & -8;
    return new OracleSlot("fence.i")
        .memory(address, first)
        .before(MachineCode.fenceI())
        .x(10, address)
        .x(11, second)
        .run(
            MachineCode.jalr(1, 10, 0),
            MachineCode.sd(11, 10, 0),
            MachineCode.fenceI(),
            MachineCode.jalr(1, 10, 0));
  }

  // Mostly aligned; sometimes not, also across pages.
  private long scratch(int log2) {
    long offset = values.below(OracleImage.SCRATCH_SIZE - 16);
    if (values.oneIn(6)) {
      offset = (offset & -4096L) + 4096 - values.below(9);
    } else if (!values.oneIn(6)) {
      offset &= -1L << log2;
    }
    return OracleImage.SCRATCH + Math.min(offset, OracleImage.SCRATCH_SIZE - 16);
  }
}
