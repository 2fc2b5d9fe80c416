package handover.riscv;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The guest instructions of one region: what is reached from a place by branches, jumps and falling
 * through, within the pages at hand and a number of instructions. Calls, and instructions that only
 * the interpreter executes, are stepped over: what comes after them is an entry of its own. So are
 * the heads of loops.
 *
 * <p>Places are byte offsets from the start of the entry's page.
 */
final class RegionScan {
  private final Decoder decoder;
  private final byte[][] pages;
  private final Predicate<Integer> wanted;
  private final int limit;

  /** Decoded instructions by offset. */
  private final TreeMap<Integer, Long> code = new TreeMap<>();

  /** Where blocks begin. */
  private final Set<Integer> leaders = new HashSet<>();

  /** Where execution may begin. */
  private final Set<Integer> entries = new TreeSet<>();

  /** Functions of the region that are called in it, and what is behind the calls. */
  private final Set<Integer> called = new HashSet<>();

  private final Set<Integer> returns = new TreeSet<>();

  private final boolean apart;
  private final boolean[] touched;
  private final Deque<Integer> work = new ArrayDeque<>();
  private boolean floats;

  /**
   * Scans.
   *
   * @param pages bytes of the pages around the entry's, which is in the middle; null where unknown
   * @param wanted which branch targets to follow, by offset
   * @param entry offset of the place the region is made for
   * @param limit of instructions
   * @param apart whether accesses to control and status registers are left to the interpreter, as
   *     they always are beside floating-point instructions: what these leave behind is known to the
   *     hart only after the region
   */
  RegionScan(
      Decoder decoder,
      byte[][] pages,
      Predicate<Integer> wanted,
      int entry,
      int limit,
      boolean apart) {
    this.decoder = decoder;
    this.pages = pages;
    this.wanted = wanted;
    this.limit = limit;
    this.apart = apart;
    touched = new boolean[pages.length];
    reach(entry);
    entries.add(entry);
    while (!work.isEmpty()) {
      follow(work.removeFirst());
    }
    floats = code.values().stream().anyMatch(RegionScan::isFloat);
    completeLeaders();
    // Entering where nothing is translated would lead nowhere, for ever.
    entries.removeIf(at -> !code.containsKey(at) || foreign(code.get(at)));
    returns.retainAll(entries);
  }

  SortedMap<Integer, Long> code() {
    return code;
  }

  /** Where the region may be entered, the place it was made for among them. */
  List<Integer> entries() {
    return List.copyOf(entries);
  }

  boolean contains(int offset) {
    return code.containsKey(offset);
  }

  /** Whether control may arrive at an offset with nothing but the hart's registers. */
  boolean enteredAt(int offset) {
    return entries.contains(offset) || called.contains(offset);
  }

  /** Where calls within the region return to. */
  Set<Integer> returns() {
    return returns;
  }

  boolean isLeader(int offset) {
    return leaders.contains(offset);
  }

  /** Whether the page of this index has code of the region. */
  boolean touches(int index) {
    return touched[index];
  }

  private void reach(int offset) {
    leaders.add(offset);
    work.addLast(offset);
  }

  private void follow(int start) {
    int at = start;
    while (!code.containsKey(at) && code.size() < limit) {
      long decoded = decode(at);
      int op = Decoded.op(decoded);
      if (op <= Op.ILLEGAL
          || !code.isEmpty() && stopsScan(op)
          || code.isEmpty() && foreign(decoded)) {
        return;
      }
      code.put(at, decoded);
      touch(at, decoded);
      int next = at + 2 * Decoded.slots(decoded);
      if (isJump(op, decoded)) {
        if (op == Op.JAL) {
          jump(at, decoded);
        }
        return;
      }
      if (op >= Op.BEQ && op <= Op.BGEU) {
        jump(at, decoded);
      } else if (op == Op.JAL || op == Op.JALR) {
        enterBehind(next);
      }
      at = next;
    }
    leaders.add(at);
  }

  private void enterBehind(int next) {
    leaders.add(next);
    entries.add(next);
  }

  private static boolean isFloat(long decoded) {
    int op = Decoded.op(decoded);
    return op >= Op.FIRST_FLOAT && op < Op.FIRST_SYSTEM;
  }

  private void jump(int at, long decoded) {
    int target = at + Decoded.immediate(decoded);
    if (wanted.test(target)) {
      reach(target);
      if (target <= at) {
        entries.add(target);
      }
    }
  }

  /** Whether nothing that belongs to the same function is likely to follow. */
  private static boolean stopsScan(int op) {
    return op == Op.SRET || op == Op.MRET || op == Op.EBREAK;
  }

  /** Whether only the interpreter executes it. */
  boolean foreign(long decoded) {
    int op = Decoded.op(decoded);
    return op >= Op.FIRST_SYSTEM
        ? apart || floats || !SystemOps.goesOn(decoded)
        : op >= Op.FIRST_SINGLE && FloatEmitter.reservedRounding(op, decoded);
  }

  /** Whether there are floating-point instructions. */
  boolean floats() {
    return floats;
  }

  private void touch(int at, long decoded) {
    touched[page(at)] = true;
    touched[page(at + 2 * Decoded.slots(decoded) - 2)] = true;
  }

  /** Whether it transfers control for good: a jump that leaves no return address. */
  static boolean isJump(int op, long decoded) {
    return (op == Op.JAL || op == Op.JALR) && Decoded.rd(decoded) == Decoded.SINK;
  }

  /** Whether it calls a function that begins in the region, as one does that calls itself. */
  boolean callsInside(int at, long decoded) {
    return Decoded.op(decoded) == Op.JAL
        && Decoded.rd(decoded) != Decoded.SINK
        && code.containsKey(at + Decoded.immediate(decoded));
  }

  /**
   * Begins blocks wherever control arrives other than from the instruction before: at targets of
   * branches that were not followed from there, and behind an instruction that another one begins
   * inside of.
   */
  private void completeLeaders() {
    for (var instruction : code.entrySet()) {
      int at = instruction.getKey();
      long decoded = instruction.getValue();
      int next = at + 2 * Decoded.slots(decoded);
      Integer successor = code.higherKey(at);
      if (successor != null && successor != next) {
        leaders.add(next);
      }
      if (foreign(decoded)) {
        enterBehind(next);
      }
      if (Op.isTransfer(Decoded.op(decoded))) {
        leaders.add(at + Decoded.immediate(decoded));
      }
      if (callsInside(at, decoded)) {
        called.add(at + Decoded.immediate(decoded));
        returns.add(next);
      }
    }
  }

  private long decode(int offset) {
    int low = halfword(offset);
    if (low < 0) {
      return Op.FETCH;
    }
    if (!Decoder.isFull(low)) {
      return decoder.decode(low);
    }
    int high = halfword(offset + 2);
    return high < 0 ? Op.FETCH : decoder.decode(low | high << 16);
  }

  private int page(int offset) {
    return Region.SPAN + (offset >> 12);
  }

  /** 16 bits, or -1 where no page is at hand. */
  private int halfword(int offset) {
    int page = page(offset);
    if (page < 0 || page >= pages.length || pages[page] == null) {
      return -1;
    }
    int at = offset & 4095;
    return pages[page][at] & 0xff | (pages[page][at + 1] & 0xff) << 8;
  }
}
