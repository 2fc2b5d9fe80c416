package handover.riscv;

/**
 * One row of the {@link InstructionTable}.
 *
 * @param extension what must be present for it to exist
 * @param name the assembler's name
 * @param mask bits that identify the instruction
 * @param match their values
 * @param format where operands sit
 * @param op what it does, a constant of {@link Op}
 */
record Instruction(Extension extension, String name, int mask, int match, Format format, int op) {
  /** What an instruction belongs to. */
  enum Extension {
    I,
    M,
    A,
    F,
    D,
    C,
    /** Compressed loads and stores of doubles: C and D. */
    C_D,
    S,
    ZICSR,
    ZIFENCEI
  }

  boolean matches(int instruction) {
    return (instruction & mask) == match;
  }

  /** Whether it is two bytes long. */
  boolean compressed() {
    return (match & 3) != 3;
  }
}
