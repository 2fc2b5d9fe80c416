package handover.riscv;

import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.fld;
import static handover.riscv.MachineCode.ld;
import static handover.riscv.MachineCode.sd;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * One test: state to set, code to run, code to look at the outcome with. A trap in the body goes on
 * after the body.
 */
final class OracleSlot {
  private static final int X28 = 28;
  private static final int X29 = 29;

  private final String name;
  private final List<Integer> setup = new ArrayList<>();
  private final List<Integer> body = new ArrayList<>();
  private final List<Integer> epilogue = new ArrayList<>();
  // As functions of the body's address.
  private final List<LongUnaryOperator> constants = new ArrayList<>();
  private final Map<Integer, LongUnaryOperator> registers = new TreeMap<>();
  private final Map<Integer, Long> floats = new TreeMap<>();
  private boolean entersByMret;
  private long bodyAddress;

  OracleSlot(String name) {
    this.name = name;
  }

  /** Sets a CSR first of all. */
  OracleSlot csr(int number, long value) {
    return csr(number, body -> value);
  }

  private OracleSlot csr(int number, LongUnaryOperator value) {
    setup.add(ld(X29, OracleImage.RESUME, constant(value)));
    setup.add(csrWrite(number, X29));
    return this;
  }

  /** Stores a doubleword first of all. */
  OracleSlot memory(long address, long value) {
    setup.add(ld(X28, OracleImage.RESUME, constant(body -> address)));
    setup.add(ld(X29, OracleImage.RESUME, constant(body -> value)));
    setup.add(sd(X29, X28, 0));
    return this;
  }

  /** Runs an instruction before the registers are set. */
  OracleSlot before(int instruction) {
    setup.add(instruction);
    return this;
  }

  /** Sets an integer register, not x30 or x31. */
  OracleSlot x(int register, long value) {
    return x(register, body -> value);
  }

  /** Sets an integer register to a function of the body's address. */
  OracleSlot x(int register, LongUnaryOperator value) {
    if (register != 0) {
      registers.put(register, value);
    }
    return this;
  }

  /** Sets a floating-point register to raw bits. */
  OracleSlot f(int register, long bits) {
    floats.put(register, bits);
    return this;
  }

  /** Appends to the code under test. */
  OracleSlot run(int... instructions) {
    for (int instruction : instructions) {
      body.add(instruction);
    }
    return this;
  }

  /** Appends to what runs after the body, whether it trapped or not, before registers are kept. */
  OracleSlot after(int... instructions) {
    for (int instruction : instructions) {
      epilogue.add(instruction);
    }
    return this;
  }

  /**
   * Runs the body in another mode: entered through mret, left through ecall.
   *
   * @param mode what MPP says: 0 user, 1 supervisor, 3 machine
   * @param mstatus the other bits
   * @param pc where to enter, as a function of the body's physical address
   */
  OracleSlot inMode(int mode, long mstatus, LongUnaryOperator pc) {
    csr(Csrs.MSTATUS, mstatus & ~0x1800L | (long) mode << 11);
    csr(Csrs.MEPC, pc);
    entersByMret = true;
    return this;
  }

  /** Writes everything; called by {@link OracleImage#add}. */
  void emit(MachineCode code, OracleImage image) {
    Map<Integer, Integer> offsets = new TreeMap<>();
    registers.forEach((register, value) -> offsets.put(register, constant(value)));
    Map<Integer, Integer> floatOffsets = new TreeMap<>();
    floats.forEach((register, bits) -> floatOffsets.put(register, constant(body -> bits)));
    int instructions = setup.size() + offsets.size() + floatOffsets.size();
    bodyAddress = code.here() + 16 + 4L * (instructions + (entersByMret ? 1 : 0));
    long[] pool = constants.stream().mapToLong(c -> c.applyAsLong(bodyAddress)).toArray();
    code.loadAddress(OracleImage.RESUME, image.pool(pool));
    setup.forEach(code::emit);
    floatOffsets.forEach(
        (register, offset) -> code.emit(fld(register, OracleImage.RESUME, offset)));
    offsets.forEach((register, offset) -> code.emit(ld(register, OracleImage.RESUME, offset)));
    emitBody(code);
    epilogue.forEach(code::emit);
  }

  private void emitBody(MachineCode code) {
    int resume = code.reserveAddress();
    if (entersByMret) {
      code.emit(MachineCode.mret());
    }
    if (code.here() != bodyAddress) {
      throw new IllegalStateException("body misplaced in " + this);
    }
    body.forEach(code::emit);
    if (entersByMret) {
      code.emit(MachineCode.ecall());
    }
    code.patchAddress(resume, OracleImage.RESUME, code.here());
  }

  private int constant(LongUnaryOperator value) {
    constants.add(value);
    return 8 * (constants.size() - 1);
  }

  /** Name, encodings and operands: what one needs to reason about a difference. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return name
        + " at 0x"
        + Long.toHexString(bodyAddress)
        + body.stream().map(hex::toHexDigits).collect(Collectors.joining(" ", " [", "]"))
        + registers.entrySet().stream()
            .map(e -> " x%d=0x%x".formatted(e.getKey(), e.getValue().applyAsLong(bodyAddress)))
            .collect(Collectors.joining())
        + floats.entrySet().stream()
            .map(e -> " f%d=0x%x".formatted(e.getKey(), e.getValue()))
            .collect(Collectors.joining());
  }
}
