package handover.riscv;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which integer registers the local variables of a region's method hold where its blocks begin:
 * those that they hold wherever control comes from. At the head of a loop they are those that the
 * loop reads, and who enters it fetches them first, so that a loop finds in local variables what it
 * left there, and not in memory that it has just written.
 *
 * <p>This says what is worth having. The emitter makes it so at each transfer, whatever is known
 * there; a wrong answer here costs time only.
 */
final class RegionFlow {
  private static final int ALL = -1;

  private static final class Block {
    final int first;
    int last;

    /** Read before written, and read at all. */
    int wanted;

    int read;

    /** Written before the block ends. */
    int written;

    /** What its end knows whatever was known at its beginning, and what it no longer knows. */
    int gained;

    int lost;

    final List<Block> next = new ArrayList<>();
    final List<Block> before = new ArrayList<>();
    final List<Block> backwards = new ArrayList<>();
    int live;
    int kept = ALL;

    Block(int first) {
      this.first = first;
    }

    int left() {
      return kept & ~lost | gained;
    }

    boolean isHead() {
      return !backwards.isEmpty();
    }
  }

  private final RegionScan scan;
  private final TreeMap<Integer, Block> blocks = new TreeMap<>();

  RegionFlow(RegionScan scan) {
    this.scan = scan;
    divide();
    blocks.values().forEach(this::connect);
    settleLives();
    settleKept();
  }

  /** Bit n: register n is in its local variable where the block at an offset begins. */
  int kept(int offset) {
    return blocks.get(offset).kept;
  }

  // ---- blocks

  private void divide() {
    Block block = null;
    int expected = 0;
    for (Map.Entry<Integer, Long> instruction : scan.code().entrySet()) {
      int offset = instruction.getKey();
      if (block == null || offset != expected || scan.isLeader(offset)) {
        block = new Block(offset);
        blocks.put(offset, block);
      }
      note(block, instruction.getValue());
      block.last = offset;
      expected = offset + 2 * Decoded.slots(instruction.getValue());
    }
  }

  private static void note(Block block, long decoded) {
    int op = Decoded.op(decoded);
    int reads = reads(op, decoded);
    block.wanted |= reads & ~block.written;
    block.read |= reads;
    int written = bit(Decoded.rd(decoded));
    if (InstructionEmitter.bypassesLocals(op)) {
      block.written |= written;
      block.gained = (block.gained | reads) & ~written;
      block.lost |= written;
    } else if (writes(op)) {
      block.written |= written;
      block.gained |= reads | written;
    } else {
      block.gained |= reads;
    }
  }

  private static int reads(int op, long decoded) {
    int first = bit(Decoded.rs1(decoded));
    int both = first | bit(Decoded.rs2(decoded));
    if (op == Op.LUI || op == Op.AUIPC || op == Op.JAL) {
      return 0;
    }
    if (op >= Op.BEQ && op <= Op.BGEU
        || op >= Op.SB && op <= Op.SD
        || op >= Op.ADD && op <= Op.REMUW) {
      return both;
    }
    return op < Op.FENCE || op >= Op.FLW && op <= Op.FSD ? first : 0;
  }

  private static boolean writes(int op) {
    return op >= Op.LUI && op <= Op.JALR
        || op == Op.JAL
        || op >= Op.LB && op <= Op.LWU
        || op >= Op.ADDI && op < Op.FENCE;
  }

  private static int bit(int register) {
    return register == 0 || register == Decoded.SINK ? 0 : 1 << register;
  }

  // ---- control flow

  private void connect(Block block) {
    long decoded = scan.code().get(block.last);
    int op = Decoded.op(decoded);
    boolean call = (op == Op.JAL || op == Op.JALR) && !RegionScan.isJump(op, decoded);
    if (Op.isTransfer(op) && !call) {
      connect(block, block.last + Decoded.immediate(decoded), true);
    }
    if (op != Op.JAL && op != Op.JALR && !scan.foreign(decoded)) {
      connect(block, block.last + 2 * Decoded.slots(decoded), false);
    }
  }

  private void connect(Block from, int offset, boolean jumps) {
    Block to = blocks.get(offset);
    if (to != null) {
      from.next.add(to);
      (jumps && offset <= from.last ? to.backwards : to.before).add(from);
    }
  }

  /** Which registers are read before they are written from each block on. */
  private void settleLives() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Block block : blocks.descendingMap().values()) {
        int live = block.wanted;
        for (Block next : block.next) {
          live |= next.live & ~block.written;
        }
        changed |= live != block.live;
        block.live = live;
      }
    }
  }

  private void settleKept() {
    Map<Block, Integer> loops = new HashMap<>();
    blocks.values().stream().filter(Block::isHead).forEach(b -> loops.put(b, readInLoop(b)));
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Block block : blocks.values()) {
        int kept = block.isHead() ? keptAtHead(block, loops.get(block)) : keptBehind(block);
        changed |= kept != block.kept;
        block.kept = kept;
      }
    }
  }

  /** Whoever enters a loop pays for what it needs, even if that is where the region is entered. */
  private static int keptAtHead(Block head, int read) {
    int known = head.before.isEmpty() ? 0 : common(head.before);
    return head.live & common(head.backwards) & (read | known);
  }

  private int keptBehind(Block block) {
    boolean entered = block.before.isEmpty() || scan.enteredAt(block.first);
    return entered ? 0 : common(block.before);
  }

  private static int common(List<Block> before) {
    int common = ALL;
    for (Block block : before) {
      common &= block.left();
    }
    return common;
  }

  private int readInLoop(Block head) {
    int end = head.backwards.stream().mapToInt(b -> b.last).max().orElseThrow();
    int read = 0;
    for (Block block : blocks.subMap(head.first, true, end, true).values()) {
      read |= block.read;
    }
    return read;
  }
}
