package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.csr;
import static handover.riscv.MachineCode.csrRead;
import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.fsd;
import static handover.riscv.MachineCode.jalr;
import static handover.riscv.MachineCode.ld;
import static handover.riscv.MachineCode.sd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A bare-metal program that runs thousands of <em>slots</em>, each one instruction under test (or a
 * few that belong together), and keeps a {@link OracleRecord} of all state after each.
 *
 * <p>The program is the whole RAM of a machine, at {@link #BASE}. It ends by writing to the test
 * device at {@link #TEST_DEVICE}; what it leaves in RAM is the result. x31 points to the record
 * being made and x30 holds the address to go on from after a trap, so no slot may write those two.
 */
final class OracleImage {
  static final long BASE = 0x8000_0000L;
  static final int SIZE = 48 << 20;
  static final int TEST_DEVICE = 0x10_0000;

  /** The first hart's timer compare register, in the CLINT. */
  static final int MTIMECMP = 0x200_4000;

  /** Page tables of slots that translate addresses. */
  static final long TABLES = BASE + 0x1_0000;

  /** Memory that loads, stores and atomics work on. */
  static final long SCRATCH = BASE + 0x2_0000;

  static final int SCRATCH_SIZE = 0x4_0000;

  /** What a slot's mstatus is reset to: M mode before and after, FS initial. */
  static final int STANDARD_MSTATUS = 0x3800;

  /** Where S mode traps to; only slots that delegate use it. */
  static final long SUPERVISOR_HANDLER = BASE + 0x3000;

  private static final int BGE = 5;
  private static final long PASS_COUNTER = BASE + 0x4000;
  private static final long RECORD_ROUTINE = BASE + 0x1000;
  private static final long MACHINE_HANDLER = BASE + 0x2000;
  private static final int CODE = 1 << 20;
  private static final int POOL = 10 << 20;
  private static final int RECORDS = 20 << 20;

  /** x30: the address to resume at. x31: the record. */
  static final int RESUME = 30;

  static final int RECORD = 31;

  private final ByteBuffer ram = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private final MachineCode code;
  private final List<OracleSlot> slots = new ArrayList<>();
  private int poolEnd = POOL;

  private final long firstSlot;

  OracleImage() {
    writeRecordRoutine(window(RECORD_ROUTINE));
    writeMachineHandler(window(MACHINE_HANDLER));
    writeSupervisorHandler(window(SUPERVISOR_HANDLER));
    code = window(BASE + CODE);
    writeEntry(window(BASE), code.here());
    writeStart();
    firstSlot = code.here();
    code.loadAddress(RECORD, BASE + RECORDS);
  }

  /** Appends a slot. */
  void add(OracleSlot slot) {
    slots.add(slot);
    slot.emit(code, this);
    code.loadAddress(RESUME, RECORD_ROUTINE).emit(jalr(RESUME, RESUME, 0));
  }

  int slotCount() {
    return slots.size();
  }

  OracleSlot slot(int index) {
    return slots.get(index);
  }

  /** The address of the next slot. */
  long here() {
    return code.here();
  }

  /** Room for constants, initialised with them. */
  long pool(long[] constants) {
    long address = BASE + poolEnd;
    for (long constant : constants) {
      ram.putLong(poolEnd, constant);
      poolEnd += Long.BYTES;
    }
    return address;
  }

  /** Sets RAM before the program runs. */
  void preset(long address, long value) {
    ram.putLong((int) (address - BASE), value);
  }

  /**
   * Appends the end of the program.
   *
   * @param passes how often to run all slots; records are those of the last pass, which runs code
   *     that the hart has seen before
   */
  void finish(int passes) {
    code.loadAddress(5, PASS_COUNTER).emit(ld(6, 5, 0)).emit(addi(6, 6, 1)).emit(sd(6, 5, 0));
    code.loadImmediate(7, passes).emit(MachineCode.b(BGE, 6, 7, 16));
    code.loadAddress(5, firstSlot).emit(jalr(0, 5, 0));
    code.loadImmediate(5, TEST_DEVICE).loadImmediate(6, 0x5555);
    code.emit(MachineCode.s(0x23, 2, 5, 6, 0)).emit(MachineCode.jal(0, 0));
    if (code.here() > BASE + POOL || poolEnd > RECORDS) {
      throw new IllegalStateException("too many slots for one image: " + slots.size());
    }
  }

  /** All of RAM before the program runs. */
  byte[] ram() {
    return ram.array();
  }

  /** How many slots left a record; fewer than there are when the program went astray. */
  static int slotsRun(byte[] ram) {
    int slot = 0;
    while (record(ram, slot).word(OracleRecord.MSTATUS) != 0) {
      slot++;
    }
    return slot;
  }

  static OracleRecord record(byte[] ram, int slot) {
    return new OracleRecord(
        ByteBuffer.wrap(ram, RECORDS + slot * OracleRecord.BYTES, OracleRecord.BYTES)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN));
  }

  private MachineCode window(long address) {
    return new MachineCode(ram.duplicate().position((int) (address - BASE)), BASE);
  }

  // All harts start here; only the first goes on.
  private static void writeEntry(MachineCode c, long start) {
    c.emit(csrRead(5, Csrs.MHARTID)).emit(MachineCode.b(0, 5, 0, 12));
    c.emit(MachineCode.wfi()).emit(MachineCode.jal(0, -4));
    c.loadAddress(5, start).emit(jalr(0, 5, 0));
  }

  private void writeStart() {
    code.loadAddress(5, MACHINE_HANDLER).emit(csrWrite(Csrs.MTVEC, 5));
    code.loadAddress(5, SUPERVISOR_HANDLER).emit(csrWrite(Csrs.STVEC, 5));
    // mtimecmp as late as can be: no slot expects MTIP.
    code.loadImmediate(5, MTIMECMP).emit(addi(6, 0, -1)).emit(sd(6, 5, 0));
    // Without a PMP entry S and U mode reach nothing: one NAPOT region over everything, RWX.
    code.emit(addi(5, 0, -1)).emit(csrWrite(Csrs.PMPADDR0, 5));
    code.emit(addi(5, 0, 0x1f)).emit(csrWrite(Csrs.PMPCFG0, 5));
    code.loadImmediate(5, STANDARD_MSTATUS).emit(csrWrite(Csrs.MSTATUS, 5));
    for (int register = 0; register < 32; register++) {
      code.emit(MachineCode.r(0x53, 0, 0x79, register, 0, 0));
    }
    for (int register = 1; register < RESUME; register++) {
      code.emit(addi(register, 0, 0));
    }
  }

  private static void writeRecordRoutine(MachineCode c) {
    for (int register = 1; register < RESUME; register++) {
      c.emit(sd(register, RECORD, 8 * register));
    }
    c.emit(csrRead(29, Csrs.MSTATUS)).emit(sd(29, RECORD, OracleRecord.MSTATUS));
    c.loadImmediate(29, STANDARD_MSTATUS).emit(csrWrite(Csrs.MSTATUS, 29));
    c.emit(csrRead(29, Csrs.FCSR)).emit(sd(29, RECORD, OracleRecord.FCSR));
    for (int register = 0; register < 32; register++) {
      c.emit(fsd(register, RECORD, OracleRecord.FLOATS + 8 * register));
    }
    c.emit(ld(29, RECORD, 8 * 29));
    c.emit(addi(RECORD, RECORD, OracleRecord.BYTES)).emit(jalr(0, RESUME, 0));
  }

  private static void writeMachineHandler(MachineCode c) {
    c.emit(csrWrite(Csrs.MSCRATCH, 1));
    // MPRV off before the first store.
    c.loadImmediate(1, 1 << 17).emit(csr(MachineCode.CSRRC, 1, Csrs.MSTATUS, 1));
    c.emit(sd(1, RECORD, OracleRecord.TRAP_MSTATUS));
    c.emit(csrRead(1, Csrs.MCAUSE)).emit(sd(1, RECORD, OracleRecord.MCAUSE));
    c.emit(csrRead(1, Csrs.MEPC)).emit(sd(1, RECORD, OracleRecord.MEPC));
    c.emit(csrRead(1, Csrs.MTVAL)).emit(sd(1, RECORD, OracleRecord.MTVAL));
    c.emit(csrRead(1, Csrs.MSCRATCH)).emit(jalr(0, RESUME, 0));
  }

  private static void writeSupervisorHandler(MachineCode c) {
    c.emit(csrWrite(Csrs.SSCRATCH, 1));
    c.emit(csrRead(1, Csrs.SSTATUS)).emit(sd(1, RECORD, OracleRecord.TRAP_SSTATUS));
    c.emit(csrRead(1, Csrs.SCAUSE)).emit(sd(1, RECORD, OracleRecord.SCAUSE));
    c.emit(csrRead(1, Csrs.SEPC)).emit(sd(1, RECORD, OracleRecord.SEPC));
    c.emit(csrRead(1, Csrs.STVAL)).emit(sd(1, RECORD, OracleRecord.STVAL));
    c.emit(csrRead(1, Csrs.SSCRATCH)).emit(MachineCode.ecall());
  }
}
