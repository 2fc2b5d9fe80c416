package handover.riscv;

import handover.memory.Background;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Lets the interpreter execute every common instruction, evenly and on each of its paths, before
 * the first guest does.
 *
 * <p>HotSpot compiles the big switch by what it has seen. Trained by a guest's first loop, it makes
 * a tree of comparisons for that loop and gives up the compiled code again and again as new
 * instructions and misses come along: half the speed for the first seconds, a fifth less for good.
 * So a program of our own runs on a thread of its own while the machine is being built, now and
 * then, until it becomes no faster or three seconds have passed.
 */
final class Rehearsal {
  private static final int ROUND_INSTRUCTIONS = 2048;
  private static final long LIMIT_NANOS = 3_000_000_000L;

  /** Rounds between two looks at the clock: half a millisecond of badly compiled code. */
  private static final int BATCH_ROUNDS = 64;

  /** The compilers need a processor too, of which there may be two. */
  private static final long REST_NANOS = 500_000;

  /** Longer than the best compiler takes for the big switch on a busy machine. */
  private static final long PATIENCE_NANOS = 1_000_000_000;

  private static final long BASE = 0x8000_0000L;
  private static final int MEMORY_BYTES = 1 << 16;
  private static final int PAGE_WORDS = 1024;

  /** The program starts in the middle of the first page, its far targets lie half a page on. */
  private static final int START = PAGE_WORDS / 2;

  private static final int HALF_PAGE = PAGE_WORDS / 2;

  /** The page boundary that one instruction crosses. */
  private static final int BOUNDARY = 3 * PAGE_WORDS;

  private static final long DATA_BASE = BASE + 4 * 4096;

  // Registers the program uses.
  private static final int LINK = 5;
  private static final int CROSS = 6;
  private static final int DATA_START = 7;
  private static final int PAGE = 8;
  private static final int LOOP = 9;
  private static final int DATA = 10;
  private static final int ONE = 11;
  private static final int TOGGLE = 12;
  private static final int HERE = 14;
  private static final int SCRATCH = 21;

  private static final int COUNT = 15;

  private static final int LOOPS_PER_LEAVING = 64;
  private static final int MIE = 0x304;
  private static final int MSCRATCH = 0x340;

  private static final Set<Integer> APART =
      Set.of(Op.JALR, Op.JAL, Op.ECALL, Op.EBREAK, Op.MRET, Op.WFI);

  private static boolean done;

  private final int[] words = new int[4 * PAGE_WORDS];
  private int next = START;

  private Rehearsal() {
    write();
  }

  /** Begins it in the background, the first time it is called in this JVM. */
  static synchronized void once() {
    if (!done) {
      done = true;
      Thread.ofPlatform().daemon().name("rehearsal").start(() -> new Rehearsal().run());
    }
  }

  private void run() {
    GuestMemory memory = new GuestMemory();
    HostMapping host = HostMapping.allocate("rehearsal", MEMORY_BYTES);
    memory.map(BASE, new RamBlock("rehearsal", host), true);
    for (int i = 0; i < words.length; i++) {
      memory.storeU32(BASE + 4L * i, words[i]);
    }
    Hart hart = new Hart(0, CpuFeatures.defaults(), memory, new NoBus(), () -> 0, new HartGroup());
    hart.reset(BASE + 4 * START);
    hart.setRegister(CROSS, BASE + 4 * BOUNDARY - 4);
    hart.setRegister(DATA_START, DATA_BASE);
    hart.setRegister(PAGE, 4096);
    hart.setRegister(LOOP, BASE + 4 * START);
    hart.setRegister(ONE, 1);
    long began = System.nanoTime();
    long best = Long.MAX_VALUE;
    for (long now = began, better = began;
        now - better < PATIENCE_NANOS && now - began < LIMIT_NANOS; ) {
      long took = batch(hart);
      now = System.nanoTime();
      if (took < best / 5 * 4) {
        best = took;
        better = now;
      }
      long rested = rest();
      began += rested;
      better += rested;
    }
  }

  /** How long it was to pause, in nanoseconds. */
  private static long rest() {
    LockSupport.parkNanos(REST_NANOS);
    return Background.awaitTurn();
  }

  /** How long it took, in nanoseconds. */
  private static long batch(Hart hart) {
    long began = System.nanoTime();
    for (int i = 0; i < BATCH_ROUNDS; i++) {
      hart.execute(ROUND_INSTRUCTIONS);
      // Every page's first access misses again.
      hart.flushTranslations();
    }
    return System.nanoTime() - began;
  }

  /** Endless: its last instruction jumps back to its first. */
  private void write() {
    emit("addi", DATA, DATA_START, 0);
    for (Instruction i : InstructionTable.ALL) {
      boolean common =
          i.extension() == Instruction.Extension.I || i.extension() == Instruction.Extension.M;
      if (common && !APART.contains(i.op())) {
        append(i);
      }
    }
    jumps();
    emit("csrrw", SCRATCH, ONE, 0, MSCRATCH);
    emit("sub", TOGGLE, ONE, TOGGLE);
    // What the caller must look at ends a slice, and with it the chance to meet a page again.
    emit("addi", COUNT, COUNT, 0, 1);
    emit("andi", SCRATCH, COUNT, 0, LOOPS_PER_LEAVING - 1);
    add(encode(find("bne"), 8, SCRATCH, 0));
    emit("csrrw", SCRATCH, 0, 0, MIE);
    emit("jalr", 0, LOOP, 0);
  }

  private void append(Instruction i) {
    switch (i.format()) {
      case B -> {
        branch(i, ONE, TOGGLE);
        branch(i, TOGGLE, ONE);
      }
      case S -> {
        add(encode(i, 0, DATA, TOGGLE));
        emit("add", DATA, DATA, PAGE);
      }
      default -> {
        boolean load = i.op() >= Op.LB && i.op() <= Op.LWU;
        add(load ? encode(i, SCRATCH, DATA, 0) : encode(i, SCRATCH, TOGGLE, ONE));
        if (load) {
          emit("add", DATA, DATA, PAGE);
        } else if (i.op() == Op.SLTI || i.op() == Op.SLTIU) {
          // Less than ONE's number it was; than nothing it is not.
          add(encode(i, SCRATCH, TOGGLE, 0));
        }
      }
    }
  }

  /** Once over the next instruction, once back, once into the next page and back from there. */
  private void branch(Instruction i, int rs1, int rs2) {
    // The displacement's lowest bits, and its bit 11, lie where other formats have rd.
    add(encode(i, 8, rs1, rs2));
    emit("ori", SCRATCH, SCRATCH, 0);
    add(jump(8));
    add(jump(8));
    // To the instruction before, which leads past this one.
    add(encode(i, 29, rs1, rs2) | 0x7f << 25);
    words[next + HALF_PAGE] = jump(4 - 4 * HALF_PAGE);
    add(encode(i, 1, rs1, rs2));
  }

  private void jumps() {
    emit("jal", SCRATCH, 0, 8);
    emit("ori", SCRATCH, SCRATCH, 0);
    emit("auipc", HERE, 0, 0);
    emit("jalr", SCRATCH, HERE, 12);
    emit("ori", SCRATCH, SCRATCH, 0);
    emit("jalr", LINK, CROSS, 0);
    // At the boundary: c.nop, an ori whose halves lie in two pages, c.jr to LINK.
    int ori = encode(find("ori"), SCRATCH, SCRATCH, 0);
    words[BOUNDARY - 1] = ori << 16 | 1;
    words[BOUNDARY] = (0x8002 | LINK << 7) << 16 | ori >>> 16;
  }

  private void emit(String name, int rd, int rs1, int rs2) {
    add(encode(find(name), rd, rs1, rs2));
  }

  private void emit(String name, int rd, int rs1, int rs2, int immediate) {
    add(encode(find(name), rd, rs1, rs2) | immediate << 20);
  }

  private void add(int instruction) {
    words[next++] = instruction;
  }

  private static int jump(int offset) {
    return (offset >> 20 & 1) << 31
        | (offset >> 1 & 0x3ff) << 21
        | (offset >> 11 & 1) << 20
        | (offset >> 12 & 0xff) << 12
        | find("jal").match();
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
