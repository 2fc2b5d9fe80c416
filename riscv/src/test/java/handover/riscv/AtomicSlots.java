package handover.riscv;

import static handover.riscv.MachineCode.r;

/** A: read-modify-writes, reservations that hold and that do not, misaligned addresses. */
final class AtomicSlots {
  private static final int AMO = 0x2f;
  private static final int LR = 2;
  private static final int SC = 3;
  private static final int[] OPS = {1, 0, 4, 12, 8, 16, 20, 24, 28};
  private static final String[] NAMES = {
    "amoswap", "amoadd", "amoxor", "amoand", "amoor", "amomin", "amomax", "amominu", "amomaxu"
  };

  private final OracleValues values;

  AtomicSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    return values.oneIn(4) ? reservation() : readModifyWrite();
  }

  private OracleSlot readModifyWrite() {
    int op = values.below(OPS.length);
    int width = values.pick(2, 3);
    int rd = values.register();
    int rs1 = values.base();
    int rs2 = values.register();
    long address = address(width) + (values.oneIn(10) ? values.below(8) : 0);
    OracleSlot slot =
        new OracleSlot("%s.%s x%d,x%d,(x%d)".formatted(NAMES[op], letter(width), rd, rs2, rs1))
            .memory(address & -8, values.integer())
            .x(rs2, values.integer())
            .x(rs1, address)
            .run(amo(OPS[op], width, rd, rs1, rs2));
    return IntegerSlots.lookAt(slot, address);
  }

  // x10 the address, x11 and x12 the values, x13 to x17 the outcomes.
  private OracleSlot reservation() {
    int width = values.pick(2, 3);
    long address = address(width);
    long before = values.integer();
    OracleSlot slot =
        new OracleSlot("lr/sc." + letter(width))
            .memory(address & -8, before)
            .x(10, address)
            .x(11, values.integer())
            .x(12, values.integer())
            .x(18, address + (values.oneIn(2) ? 8 : 4096));
    int lr = amo(LR, width, 13, 10, 0);
    switch (values.below(5)) {
      case 0 -> slot.run(lr, amo(SC, width, 14, 10, 11));
      // The first sc uses the reservation up, whether it succeeds or not.
      case 1 -> slot.run(lr, amo(SC, width, 14, 10, 11), amo(SC, width, 15, 10, 12));
      case 2 -> slot.run(lr, amo(SC, width, 14, 18, 11), amo(SC, width, 15, 10, 12));
      // A store in between that changes the value.
      case 3 ->
          slot.x(12, before + 1)
              .run(lr, MachineCode.s(0x23, 3, 10, 12, 0), amo(SC, width, 14, 10, 11));
      default -> slot.x(10, address + 1).run(lr, amo(SC, width, 14, 10, 11));
    }
    return IntegerSlots.lookAt(slot, address);
  }

  private int amo(int funct5, int width, int rd, int rs1, int rs2) {
    return r(AMO, width, funct5 << 2 | values.below(4), rd, rs1, rs2);
  }

  private long address(int width) {
    return OracleImage.SCRATCH + (values.below(OracleImage.SCRATCH_SIZE - 8192) & -1 << width);
  }

  private static String letter(int width) {
    return width == 2 ? "w" : "d";
  }
}
