package handover.riscv;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lets the interpreter execute every common instruction, evenly, before the first guest does.
 *
 * <p>HotSpot compiles the big switch by what it has seen. Trained by a guest's first loop, it makes
 * a tree of comparisons for that loop and gives up the compiled code again and again as new
 * instructions come along: half the speed for the first seconds, a fifth less for good. A third of
 * a million instructions beforehand take some tens of milliseconds.
 */
final class Rehearsal {
  private static final int ITERATIONS = 4096;
  private static final long BASE = 0x8000_0000L;
  private static final int MEMORY_BYTES = 1 << 16;

  /** Registers the program uses: where data lies, where the loop starts, two numbers, scratch. */
  private static final int DATA = 10;

  private static final int LOOP = 9;
  private static final int ONE = 11;
  private static final int COUNT = 12;
  private static final int SCRATCH = 21;
  private static final int HERE = 14;

  private static final Set<Integer> ONLY_BY_THEMSELVES =
      Set.of(Op.JALR, Op.JAL, Op.FENCE, Op.FENCE_I, Op.ECALL, Op.EBREAK, Op.MRET, Op.WFI);

  private static boolean done;

  private Rehearsal() {}

  /** Does it, the first time it is called in this JVM. */
  static synchronized void once() {
    if (!done) {
      done = true;
      run();
    }
  }

  private static void run() {
    GuestMemory memory = new GuestMemory();
    memory.map(
        BASE, new RamBlock("rehearsal", HostMapping.allocate("rehearsal", MEMORY_BYTES)), true);
    int[] program = program();
    for (int i = 0; i < program.length; i++) {
      memory.storeU32(BASE + 4L * i, program[i]);
    }
    Hart hart =
        new Hart(0, CpuFeatures.defaults(), memory, new NoBus(), () -> 0, new HartGroup(false));
    hart.reset(BASE);
    hart.setRegister(DATA, BASE + MEMORY_BYTES / 2);
    hart.setRegister(LOOP, BASE);
    hart.setRegister(ONE, 1);
    hart.execute(ITERATIONS * program.length);
  }

  /** Endless: its last instruction jumps back to its first. */
  private static int[] program() {
    List<Integer> program = new ArrayList<>();
    for (Instruction i : InstructionTable.ALL) {
      boolean common =
          i.extension() == Instruction.Extension.I || i.extension() == Instruction.Extension.M;
      if (common && !ONLY_BY_THEMSELVES.contains(i.op())) {
        append(program, i);
      }
    }
    // Forward jumps over one instruction: jal by 8; auipc, then jalr by 12 from there.
    program.add(encode(find("jal"), SCRATCH, 0, 8));
    append(program, find("ori"));
    program.add(encode(find("auipc"), HERE, 0, 0));
    program.add(encode(find("jalr"), SCRATCH, HERE, 12));
    append(program, find("ori"));
    program.add(encode(find("addi"), COUNT, COUNT, 1));
    program.add(encode(find("jalr"), 0, LOOP, 0));
    return program.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void append(List<Integer> program, Instruction i) {
    switch (i.format()) {
      // A destination field of 8 is a displacement of 8: over the next instruction.
      case B -> {
        program.add(encode(i, 8, ONE, COUNT));
        append(program, find("ori"));
        program.add(encode(i, 8, COUNT, ONE));
        append(program, find("ori"));
      }
      case S -> program.add(encode(i, 0, DATA, COUNT));
      default -> {
        boolean load = i.op() >= Op.LB && i.op() <= Op.LWU;
        program.add(load ? encode(i, SCRATCH, DATA, 0) : encode(i, SCRATCH, COUNT, ONE));
      }
    }
  }

  private static Instruction find(String name) {
    return InstructionTable.ALL.stream()
        .filter(i -> i.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Fills the three register fields; for immediates {@code rs2} is their low bits. */
  private static int encode(Instruction i, int rd, int rs1, int rs2) {
    return i.match() | rd << 7 | rs1 << 15 | rs2 << 20;
  }

  private static final class NoBus implements PhysicalBus {
    @Override
    public long load(long address, int bytes) throws BusFault {
      throw BusFault.INSTANCE;
    }

    @Override
    public void store(long address, int bytes, long value) throws BusFault {
      throw BusFault.INSTANCE;
    }
  }
}
