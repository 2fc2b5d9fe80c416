package handover.riscv;

/**
 * The accrued floating-point exceptions in a stream that has no field for them: QEMU loses them in
 * every migration.
 *
 * <p>They travel in a field that only a hart with virtualisation reads, together with a digest of
 * the registers. When a QEMU has run the guest in between, it returns the field as it was, but the
 * registers have moved on: the digest does not fit, and the flags, which are stale, are not taken.
 */
final class StickyFlags {
  private static final int FLAGS = 31;

  private StickyFlags() {}

  /** The field's value for a hart with these registers. No flags leave the field as QEMU has it. */
  static long write(HartState registers, int flags) {
    return flags == 0 ? 0 : digest(registers) | flags;
  }

  /** The flags in the field, if it was written for these registers; else none. */
  static int read(HartState registers) {
    long field = registers.guestFaultAddress;
    return (field & ~FLAGS) == digest(registers) ? (int) field & FLAGS : 0;
  }

  private static long digest(HartState registers) {
    long mix = registers.pc;
    for (long value : registers.gpr) {
      mix = (Long.rotateLeft(mix, 23) ^ value) * 0x9e37_79b9_7f4a_7c15L;
    }
    return mix & ~FLAGS;
  }
}
