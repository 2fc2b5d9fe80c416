package handover.riscv;

import handover.riscv.LitmusProgram.Access;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs litmus tests on harts with a host thread each. Every round has locations of its own, a cache
 * line each. Before a round the harts wait for each other, but only for a moment: one that has no
 * core is not waited for.
 */
final class LitmusMachine {
  private static final int LINE = 64;
  private static final int ARRIVED = LINE * LitmusProgram.LOCATIONS;
  private static final int STRIDE = ARRIVED + LINE;
  private static final int RESULTS = 8 * LitmusProgram.LOADS;
  private static final int CODE_BYTES = 4096;
  private static final long START_COUNT = TestMachine.RAM + 0x8000;
  private static final long END_COUNT = START_COUNT + LINE;
  private static final long DATA = TestMachine.RAM + 0x1_0000;

  // Registers: where a round's locations and results are, rounds left, scratch, loaded values.
  private static final int LOCATIONS = 10;
  private static final int STORED = 11;
  private static final int LEFT = 12;
  private static final int SCRATCH = 13;
  private static final int ADDRESS = 14;
  private static final int VALUE = 15;
  private static final int COUNTER = 16;
  private static final int HARTS = 17;
  private static final int PATIENCE = 18;
  private static final int LOADED = 20;

  private final TestMachine machine;
  private final int harts;
  private final int rounds;

  LitmusMachine(int harts, int rounds, Acceleration acceleration) {
    this.harts = harts;
    this.rounds = rounds;
    long bytes = DATA - TestMachine.RAM + (long) rounds * (STRIDE + harts * RESULTS);
    machine = new TestMachine(harts, CpuFeatures.defaults(), bytes + 4095 & ~4095L, acceleration);
  }

  /**
   * Runs a program of this many harts once and returns in how many rounds it showed its outcome.
   */
  int run(LitmusProgram program) throws InterruptedException {
    prepare(program);
    List<Thread> threads = new ArrayList<>();
    for (Hart hart : machine.harts) {
      threads.add(Thread.ofPlatform().daemon().start(hart::run));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    int shown = 0;
    for (int round = 0; round < rounds; round++) {
      shown += program.forbidden().test(new Round(round)) ? 1 : 0;
    }
    return shown;
  }

  private void prepare(LitmusProgram program) {
    byte[] zeros = new byte[Math.toIntExact(machine.ram.size() - (START_COUNT - TestMachine.RAM))];
    machine.memory.write(START_COUNT, zeros, 0, zeros.length);
    for (int h = 0; h < harts; h++) {
      long entry = TestMachine.RAM + (long) h * CODE_BYTES;
      ByteBuffer code = ByteBuffer.allocate(CODE_BYTES);
      emit(program.harts().get(h), h, new MachineCode(code, entry));
      machine.memory.write(entry, code.array(), 0, code.position());
      Hart hart = machine.harts.get(h);
      hart.reset(entry);
      hart.clearExitRequest();
    }
    machine.harts.forEach(Hart::flushTranslations);
  }

  private long results(int hart) {
    return DATA + (long) rounds * (STRIDE + (long) hart * RESULTS);
  }

  private void emit(List<Access> accesses, int hart, MachineCode code) {
    code.loadAddress(LOCATIONS, DATA)
        .loadAddress(STORED, results(hart))
        .loadImmediate(LEFT, rounds)
        .loadImmediate(HARTS, harts);
    meet(code);
    long loop = code.here();
    approach(code);
    int loads = 0;
    for (int i = 0; i < accesses.size(); i++) {
      Access access = accesses.get(i);
      boolean acquires =
          i + 1 < accesses.size() && accesses.get(i + 1).after() == LitmusOrder.ACQUIRE;
      order(access, i == 0 ? null : accesses.get(i - 1), code);
      if (access.stores()) {
        store(access, code);
      } else {
        load(acquires, LOADED + loads++, code);
      }
    }
    for (int i = 0; i < loads; i++) {
      code.emit(MachineCode.sd(LOADED + i, STORED, 8 * i));
    }
    code.emit(MachineCode.addi(LOCATIONS, LOCATIONS, STRIDE))
        .emit(MachineCode.addi(STORED, STORED, RESULTS))
        .emit(MachineCode.addi(LEFT, LEFT, -1))
        .emit(MachineCode.b(1, LEFT, 0, (int) (loop - code.here())));
    end(code);
  }

  /** What comes before an access to have it behind the last one; leaves its base in ADDRESS. */
  private static void order(Access access, Access before, MachineCode code) {
    code.emit(MachineCode.addi(ADDRESS, LOCATIONS, access.location() * LINE));
    if (access.stores()) {
      code.emit(MachineCode.addi(VALUE, 0, access.value()));
    }
    if (access.after() == null) {
      return;
    }
    code.emit(MachineCode.r(0x33, 4, 0, SCRATCH, LOADED, LOADED)); // zero, from the load
    switch (access.after()) {
      case FENCE -> code.emit(fence(before.stores(), access.stores()));
      case ADDRESS -> code.emit(MachineCode.r(0x33, 0, 0, ADDRESS, ADDRESS, SCRATCH));
      case DATA -> code.emit(MachineCode.r(0x33, 0, 0, VALUE, VALUE, SCRATCH));
      case CONTROL -> code.emit(MachineCode.b(1, LOADED, 0, 4));
      case ACQUIRE, RELEASE, SAME -> {}
    }
  }

  /** A fence between just these kinds. */
  private static int fence(boolean storeBefore, boolean storeAfter) {
    return (storeBefore ? 1 : 2) << 24 | (storeAfter ? 1 : 2) << 20 | 0x0f;
  }

  private static void load(boolean acquires, int register, MachineCode code) {
    code.emit(acquires ? amo(2, true, false, register, 0) : MachineCode.ld(register, ADDRESS, 0));
  }

  private static void store(Access access, MachineCode code) {
    code.emit(
        access.after() == LitmusOrder.RELEASE
            ? amo(1, false, true, 0, VALUE)
            : MachineCode.sd(VALUE, ADDRESS, 0));
  }

  /** An atomic instruction on the doubleword at ADDRESS. */
  private static int amo(int funct5, boolean aq, boolean rl, int rd, int rs2) {
    return MachineCode.r(0x2f, 3, funct5 << 2 | (aq ? 2 : 0) | (rl ? 1 : 0), rd, ADDRESS, rs2);
  }

  /** Waits until every hart is here. */
  private void meet(MachineCode code) {
    code.loadAddress(ADDRESS, START_COUNT)
        .emit(MachineCode.addi(VALUE, 0, 1))
        .emit(amo(0, true, true, 0, VALUE))
        .emit(MachineCode.ld(COUNTER, ADDRESS, 0))
        .emit(MachineCode.b(1, COUNTER, HARTS, -4));
  }

  /** Waits a moment for the others to come to this round. */
  private static void approach(MachineCode code) {
    code.emit(MachineCode.addi(ADDRESS, LOCATIONS, ARRIVED))
        .emit(MachineCode.addi(VALUE, 0, 1))
        .emit(amo(0, true, true, 0, VALUE))
        .emit(MachineCode.addi(PATIENCE, 0, 100))
        .emit(MachineCode.addi(PATIENCE, PATIENCE, -1))
        .emit(MachineCode.ld(COUNTER, ADDRESS, 0))
        .emit(MachineCode.b(0, COUNTER, HARTS, 8))
        .emit(MachineCode.b(1, PATIENCE, 0, -12));
  }

  /** The last hart stops all; the others wait for that. */
  private static void end(MachineCode code) {
    code.loadAddress(ADDRESS, END_COUNT)
        .emit(MachineCode.addi(VALUE, 0, 1))
        .emit(amo(0, true, true, COUNTER, VALUE))
        .emit(MachineCode.addi(COUNTER, COUNTER, 1))
        .emit(MachineCode.b(1, COUNTER, HARTS, 16))
        .loadImmediate(SCRATCH, (int) TestMachine.EXIT)
        .emit(MachineCode.sd(COUNTER, SCRATCH, 0))
        .emit(MachineCode.jal(0, 0));
  }

  /** What one round ended with. */
  private final class Round implements LitmusProgram.Outcome {
    private final int round;

    Round(int round) {
      this.round = round;
    }

    @Override
    public long load(int hart, int number) {
      return machine.memory.loadU64(results(hart) + (long) round * RESULTS + 8L * number);
    }

    @Override
    public long last(int location) {
      return machine.memory.loadU64(DATA + (long) round * STRIDE + (long) location * LINE);
    }
  }
}
