package handover.riscv;

import static handover.riscv.MachineCode.addi;

/** C: every 16-bit pattern there is, reserved ones and hints included. */
final class CompressedSlots {
  private static final int SP = 2;

  private final OracleValues values;

  CompressedSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    while (true) {
      int pattern = values.below(0x1_0000);
      int group = (pattern & 3) << 3 | pattern >> 13;
      int rd = pattern >> 7 & 31;
      boolean fullWidth = group >= 8 && group <= 11 || group >= 16 && group <= 20;
      boolean kept = fullWidth && rd >= OracleImage.RESUME;
      if ((pattern & 3) != 3 && !kept) {
        return slot(pattern, group, rd);
      }
    }
  }

  private OracleSlot slot(int pattern, int group, int rd) {
    OracleSlot slot = new OracleSlot("compressed %04x".formatted(pattern));
    for (int register = 8; register < 16; register++) {
      slot.x(register, values.integer());
    }
    return switch (group) {
      case 0 | 1, 0 | 2, 0 | 3, 0 | 5, 0 | 6, 0 | 7 ->
          memory(slot, pattern, 8 + (pattern >> 7 & 7));
      case 8 | 5 -> jump(slot, pattern & 0xe003, 11);
      case 8 | 6, 8 | 7 -> branch(slot, pattern);
      case 16 | 1, 16 | 2, 16 | 3, 16 | 5, 16 | 6, 16 | 7 -> memory(slot, pattern, SP);
      case 16 | 4 -> registers(slot, pattern, rd);
      // Reserved, and register fields of three bits.
      case 0, 4, 8 | 4 -> slot.x(SP, values.integer()).run(pattern);
      default -> slot.x(rd, values.integer()).run(pattern);
    };
  }

  private OracleSlot memory(OracleSlot slot, int pattern, int base) {
    long address = OracleImage.SCRATCH + values.below(OracleImage.SCRATCH_SIZE - 1024);
    long aligned = values.oneIn(10) ? address : address & -8;
    int offset = offset(pattern);
    slot.x(base, aligned).f(8 + (pattern >> 2 & 7), values.doubleBits()).run(pattern);
    return IntegerSlots.lookAt(slot, aligned + offset);
  }

  // The offset's upper bits, enough to look at the right memory most of the time.
  private static int offset(int pattern) {
    return (pattern >> 10 & 7) << 3;
  }

  private OracleSlot branch(OracleSlot slot, int pattern) {
    int source = 8 + (pattern >> 7 & 7);
    slot.x(source, values.oneIn(2) ? 0 : values.integer());
    return jump(slot, pattern & 0xe383, 8);
  }

  private OracleSlot jump(OracleSlot slot, int pattern, int width) {
    int offset = IntegerSlots.distance(values, width);
    int immediate = width == 11 ? jumpImmediate(offset) : branchImmediate(offset);
    return IntegerSlots.jump(slot, pattern | immediate, offset);
  }

  private static int jumpImmediate(int o) {
    return bit(o, 11) << 12
        | bit(o, 4) << 11
        | (o >> 8 & 3) << 9
        | bit(o, 10) << 8
        | bit(o, 6) << 7
        | bit(o, 7) << 6
        | (o >> 1 & 7) << 3
        | bit(o, 5) << 2;
  }

  private static int branchImmediate(int o) {
    return bit(o, 8) << 12
        | (o >> 3 & 3) << 10
        | (o >> 6 & 3) << 5
        | (o >> 1 & 3) << 3
        | bit(o, 5) << 2;
  }

  private static int bit(int value, int number) {
    return value >> number & 1;
  }

  // c.jr, c.jalr, c.mv, c.add, c.ebreak.
  private OracleSlot registers(OracleSlot slot, int pattern, int rd) {
    int rs2 = pattern >> 2 & 31;
    if (rs2 >= OracleImage.RESUME) {
      return slot.run(pattern & ~(1 << 6));
    }
    if (rs2 != 0 || rd == 0) {
      return slot.x(rd, values.integer()).x(rs2, values.integer()).run(pattern);
    }
    int counter = rd == 28 ? 27 : 28;
    int odd = values.below(2);
    return slot.x(counter, 0)
        .x(rd, body -> body + 6 + odd)
        .run(pattern, addi(counter, counter, 1), addi(counter, counter, 2));
  }
}
