package handover.riscv;

/** 32-bit patterns next to real instructions: what is reserved must trap, on both sides alike. */
final class EncodingSlots {
  private static final int[] OPCODES = {
    0x03, 0x07, 0x0b, 0x0f, 0x13, 0x1b, 0x1f, 0x23, 0x27, 0x2b, 0x2f, 0x33, 0x3b, 0x3f, 0x43, 0x47,
    0x4b, 0x4f, 0x53, 0x57, 0x5b, 0x5f, 0x6b, 0x73, 0x77, 0x7b, 0x7f
  };
  private static final int[] FUNCT7 = {0, 1, 4, 8, 0x20, 0x2c, 0x50, 0x60, 0x68, 0x70, 0x78};
  private static final int SYSTEM = 0x73;
  private static final int MISC_MEM = 0x0f;

  private final OracleValues values;

  EncodingSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    int opcode = values.pick(OPCODES);
    int funct3 = opcode == SYSTEM ? values.pick(0, 4) : values.below(8);
    int funct7 = values.oneIn(3) ? values.below(128) : values.pick(FUNCT7) | values.below(4);
    int rd = opcode == SYSTEM && values.oneIn(2) ? 0 : values.register();
    // Addresses near 0 are no place for atomics: see PrivilegeSlots.
    int rs1 = opcode == SYSTEM && values.oneIn(2) ? 0 : values.base();
    int rs2 = values.oneIn(2) ? values.below(6) : values.register();
    if (opcode == SYSTEM && funct3 == 0 && rd == 0 && isReal(funct7, rs2)) {
      funct7 ^= 0x40;
    }
    long address = OracleImage.SCRATCH + 0x1000 + (values.below(0x1000) & -8);
    OracleSlot slot =
        new OracleSlot("encoding")
            .x(rs2, values.integer())
            .x(rs1, opcode == MISC_MEM ? values.integer() : address)
            .run(MachineCode.r(opcode, funct3, funct7, rd, rs1, rs2));
    return IntegerSlots.lookAt(slot, address);
  }

  // Those that change more than registers have slots of their own.
  private static boolean isReal(int funct7, int rs2) {
    return funct7 == 9 || funct7 == 0x18 || funct7 == 8 || funct7 == 0 && rs2 < 2;
  }
}
