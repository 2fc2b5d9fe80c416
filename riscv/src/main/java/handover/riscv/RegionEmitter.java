package handover.riscv;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Emits the class of one region: its blocks in address order inside one method, so that guest loops
 * are the method's loops and HotSpot sees them; after them what is rarely reached, then the end
 * that all exits share.
 *
 * <p>Instructions are counted once a block, in a local variable. Faults are precise: each access
 * that may trap first notes where it is, and the handler takes the instructions of its block that
 * were executed off the count. Only branches backwards look whether the count is used up.
 */
final class RegionEmitter {
  static final ClassDesc DISPATCHER_CLASS = describe(Dispatcher.class);

  /** HotSpot compiles no method longer than this. */
  private static final int MAXIMUM_BYTES = 7900;

  private static final ClassDesc SUPERCLASS = describe(TranslatedCode.class);
  private static final MethodTypeDesc POLL =
      MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, SUPERCLASS);
  static final ClassDesc NAME = ClassDesc.of("handover.riscv.Translated");

  /** The field of a region that belongs to one hart, and its type. */
  static final String OWNER = "OWNER";

  static final ClassDesc OWNER_CLASS = describe(RegionOwner.class);

  private static final ClassDesc LOOKUP = describe(MethodHandles.Lookup.class);

  /** A site is the place in its block, from this bit on, and the offset plus {@link #BIAS}. */
  private static final int ORDINAL_SHIFT = 20;

  private static final int BIAS = 1 << ORDINAL_SHIFT - 1;

  /**
   * What is done on the way to a block.
   *
   * @param missing registers to fetch into local variables
   * @param polled whether to look if the budget is used up
   */
  private record Arrival(int target, int missing, boolean polled) {}

  private final RegionScan scan;
  private final RegionFlow flow;
  private final CodeBuilder out;
  private final RegionLocals locals;
  private final InstructionEmitter instructions;
  private final Map<Integer, Label> blocks = new LinkedHashMap<>();
  private final Map<Arrival, Label> arrivals = new LinkedHashMap<>();
  private final Map<Integer, Label> exits = new LinkedHashMap<>();
  private final Label indirect;
  private final Label tail;
  private int ordinal;

  private RegionEmitter(RegionScan scan, boolean owned, CodeBuilder out) {
    this.scan = scan;
    flow = new RegionFlow(scan);
    this.out = out;
    locals = new RegionLocals(out, scan.floats(), owned);
    instructions = new InstructionEmitter(out, locals);
    indirect = out.newLabel();
    tail = out.newLabel();
  }

  /**
   * The bytes of a subclass of {@link TranslatedCode}.
   *
   * @param owned whether it is for one hart only: the class data is its {@link RegionOwner}
   */
  static byte[] emit(RegionScan scan, boolean owned) {
    return ClassFile.of()
        .build(
            NAME,
            c -> {
              c.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER).withSuperclass(SUPERCLASS);
              c.withMethodBody(
                  ConstantDescs.INIT_NAME, ConstantDescs.MTD_void, 0, RegionEmitter::construct);
              if (owned) {
                c.withField(OWNER, OWNER_CLASS, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
                c.withMethodBody(
                    ConstantDescs.CLASS_INIT_NAME,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_STATIC,
                    RegionEmitter::takeOwner);
              }
              c.withMethodBody(
                  "run",
                  type("J", "D", "J", "I", "I"),
                  0,
                  m -> new RegionEmitter(scan, owned, m).run());
            });
  }

  private static void construct(CodeBuilder out) {
    out.aload(0).invokespecial(SUPERCLASS, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void);
    out.return_();
  }

  private static void takeOwner(CodeBuilder out) {
    ClassDesc methodHandles = describe(MethodHandles.class);
    out.invokestatic(methodHandles, "lookup", MethodTypeDesc.of(LOOKUP));
    out.ldc(ConstantDescs.DEFAULT_NAME).ldc(OWNER_CLASS);
    out.invokestatic(
        methodHandles,
        "classData",
        MethodTypeDesc.of(
            ConstantDescs.CD_Object, LOOKUP, ConstantDescs.CD_String, ConstantDescs.CD_Class));
    out.checkcast(OWNER_CLASS).putstatic(NAME, OWNER, OWNER_CLASS).return_();
  }

  /** Whether HotSpot would not compile one of the methods. Most class files need no look inside. */
  static boolean isTooLong(byte[] classFile) {
    return classFile.length > MAXIMUM_BYTES && codeLength(classFile) > MAXIMUM_BYTES;
  }

  /** Bytes of the longest method. */
  private static int codeLength(byte[] classFile) {
    return ClassFile.of().parse(classFile).methods().stream()
        .flatMap(m -> m.findAttribute(Attributes.code()).stream())
        .mapToInt(CodeAttribute::codeLength)
        .max()
        .orElseThrow();
  }

  /** Offset of the instruction at a site from the region's base. */
  static int siteOffset(int site) {
    return (site & (1 << ORDINAL_SHIFT) - 1) - BIAS;
  }

  /** Instructions of its block that come before the one at a site. */
  static int siteOrdinal(int site) {
    return site >>> ORDINAL_SHIFT;
  }

  static ClassDesc describe(Class<?> c) {
    return ClassDesc.ofDescriptor(c.descriptorString());
  }

  /** A method's type in letters: J, I, Z, V, D for the dispatcher and A for an array of J. */
  static MethodTypeDesc type(String result, String... parameters) {
    return MethodTypeDesc.of(
        letter(result), Stream.of(parameters).map(RegionEmitter::letter).toList());
  }

  private static ClassDesc letter(String letter) {
    return switch (letter) {
      case "D" -> DISPATCHER_CLASS;
      case "A" -> ConstantDescs.CD_long.arrayType();
      default -> ClassDesc.ofDescriptor(letter);
    };
  }

  // ---- the method

  private void run() {
    enter();
    Label begin = out.newBoundLabel();
    body();
    outOfLine();
    Label end = out.newBoundLabel();
    Label handler = out.newBoundLabel();
    out.exceptionCatch(begin, end, handler, describe(Trap.class));
    handle();
    out.labelBinding(tail);
    locals.settle();
    out.aload(RegionLocals.DISPATCHER).iload(RegionLocals.LEFT);
    out.putfield(DISPATCHER_CLASS, "left", ConstantDescs.CD_int);
    out.lload(RegionLocals.PC).lreturn();
  }

  /** To the entry asked for. A call with no budget does nothing. */
  private void enter() {
    Label start = out.newLabel();
    out.iload(RegionLocals.LEFT).ifgt(start).lconst_0().lreturn();
    out.labelBinding(start);
    locals.prepare();
    List<SwitchCase> cases = new ArrayList<>();
    for (int entry : scan.entries()) {
      cases.add(SwitchCase.of(cases.size(), arrive(entry, false)));
    }
    out.iload(RegionLocals.ENTRY);
    out.tableswitch(cases.getFirst().target(), cases);
  }

  private void body() {
    Integer expected = null;
    for (Map.Entry<Integer, Long> instruction : scan.code().entrySet()) {
      int offset = instruction.getKey();
      long decoded = instruction.getValue();
      boolean begins = scan.isLeader(offset) || expected == null || expected != offset;
      if (expected != null && begins) {
        count(0);
        if (expected == offset) {
          locals.fetch(flow.kept(offset) & ~locals.kept());
        } else {
          goTo(expected);
        }
      }
      if (begins) {
        out.labelBinding(block(offset));
        locals.begin(flow.kept(offset));
        ordinal = 0;
      }
      expected = instruction(offset, decoded) ? offset + 2 * Decoded.slots(decoded) : null;
    }
    if (expected != null) {
      count(0);
      goTo(expected);
    }
  }

  /** Emits one; whether control may fall through to the next. */
  private boolean instruction(int offset, long decoded) {
    int op = Decoded.op(decoded);
    if (Op.isTransfer(op) || op == Op.JALR) {
      count(1);
      return transfer(op, offset, decoded);
    }
    if (scan.foreign(decoded)) {
      count(0);
      exit(offset);
      return false;
    }
    if (InstructionEmitter.mayTrap(op)) {
      locals.flush();
      out.loadConstant(ordinal << ORDINAL_SHIFT | offset + BIAS).istore(RegionLocals.SITE);
    }
    if (op >= Op.FIRST_SYSTEM) {
      system(offset, decoded);
    } else {
      instructions.emit(offset, decoded);
    }
    ordinal++;
    return true;
  }

  /** The hart's own operation works on its registers; it may say that the region must be left. */
  private void system(int offset, long decoded) {
    Label goOn = out.newLabel();
    out.aload(RegionLocals.DISPATCHER).loadConstant(decoded);
    place(offset);
    out.iload(RegionLocals.LEFT).loadConstant(ordinal).isub();
    out.invokevirtual(DISPATCHER_CLASS, "system", type("Z", "J", "J", "I")).ifne(goOn);
    out.iinc(RegionLocals.LEFT, -(ordinal + 1));
    out.loadConstant(TranslatedCode.LEFT).lstore(RegionLocals.PC).goto_(tail);
    out.labelBinding(goOn);
    locals.forget(Decoded.rd(decoded));
  }

  /** The block ends: takes its instructions, and so many more, off the budget. */
  private void count(int more) {
    locals.flush();
    if (ordinal + more > 0) {
      out.iinc(RegionLocals.LEFT, -(ordinal + more));
    }
    ordinal = 0;
  }

  // ---- transfers

  /** Whether control may fall through. */
  private boolean transfer(int op, int offset, long decoded) {
    int next = offset + 2 * Decoded.slots(decoded);
    int target = offset + Decoded.immediate(decoded);
    if (op == Op.JALR) {
      locals.load(Decoded.rs1(decoded));
      out.loadConstant((long) Decoded.immediate(decoded)).ladd();
      out.loadConstant(-2L).land().lstore(RegionLocals.PC);
      link(decoded, next);
      out.goto_(scan.returns().isEmpty() || !RegionScan.isJump(op, decoded) ? tail : indirect);
    } else if (op != Op.JAL) {
      branch(op, decoded, destination(offset, target));
      return true;
    } else if (RegionScan.isJump(op, decoded)) {
      out.goto_(destination(offset, target));
    } else {
      link(decoded, next);
      if (scan.callsInside(offset, decoded)) {
        out.goto_(arrive(target, true));
      } else {
        exit(target);
      }
    }
    return false;
  }

  private void link(long decoded, int next) {
    if (Decoded.rd(decoded) != Decoded.SINK) {
      place(next);
      locals.store(Decoded.rd(decoded));
      locals.flush();
    }
  }

  /** Where a transfer from one place to another jumps to. */
  private Label destination(int from, int to) {
    return scan.contains(to)
        ? arrive(to, to <= from)
        : exits.computeIfAbsent(to, t -> out.newLabel());
  }

  /** The block at an offset, by way of what is to be done before it. */
  private Label arrive(int to, boolean polled) {
    int missing = flow.kept(to) & ~locals.kept();
    return missing == 0 && !polled
        ? block(to)
        : arrivals.computeIfAbsent(new Arrival(to, missing, polled), a -> out.newLabel());
  }

  private void goTo(int offset) {
    out.goto_(
        scan.contains(offset)
            ? arrive(offset, false)
            : exits.computeIfAbsent(offset, t -> out.newLabel()));
  }

  private void branch(int op, long decoded, Label taken) {
    locals.load(Decoded.rs1(decoded));
    locals.load(Decoded.rs2(decoded));
    if (op == Op.BLTU || op == Op.BGEU) {
      out.invokestatic(describe(Long.class), "compareUnsigned", type("I", "J", "J"));
    } else {
      out.lcmp();
    }
    switch (op) {
      case Op.BEQ -> out.ifeq(taken);
      case Op.BNE -> out.ifne(taken);
      case Op.BLT, Op.BLTU -> out.iflt(taken);
      default -> out.ifge(taken);
    }
  }

  // ---- what is rarely reached

  private void outOfLine() {
    if (!scan.returns().isEmpty()) {
      returnInside();
    }
    arrivals.forEach(
        (arrival, label) -> {
          out.labelBinding(label);
          Label go = arrival.missing == 0 ? block(arrival.target) : out.newLabel();
          if (arrival.polled) {
            poll(arrival.target, go);
          }
          if (arrival.missing != 0) {
            out.labelBinding(go);
            locals.fetch(arrival.missing);
            out.goto_(block(arrival.target));
          }
        });
    exits.forEach(
        (target, label) -> {
          out.labelBinding(label);
          exit(target);
        });
  }

  /** On with {@code go} if there is budget left; else out of the region, before {@code target}. */
  private void poll(int target, Label go) {
    out.iload(RegionLocals.LEFT).ifgt(go);
    out.aload(RegionLocals.DISPATCHER).iload(RegionLocals.LEFT).aload(0);
    out.invokevirtual(DISPATCHER_CLASS, "poll", POLL);
    out.istore(RegionLocals.LEFT).iload(RegionLocals.LEFT).ifgt(go);
    exit(target);
  }

  /** A jump to an address: out of the region unless a call within it returns there. */
  private void returnInside() {
    out.labelBinding(indirect);
    locals.begin(0);
    distance().dup2().l2i().i2l().lcmp().ifne(tail);
    distance().l2i();
    out.lookupswitch(
        tail, scan.returns().stream().map(at -> SwitchCase.of(at, arrive(at, true))).toList());
  }

  private CodeBuilder distance() {
    return out.lload(RegionLocals.PC).lload(RegionLocals.BASE).lsub();
  }

  private void exit(int offset) {
    place(offset);
    out.lstore(RegionLocals.PC).goto_(tail);
  }

  /** The guest trapped: where that was and what is left, then out. */
  private void handle() {
    out.pop();
    out.aload(RegionLocals.DISPATCHER);
    out.iload(RegionLocals.SITE).iload(RegionLocals.LEFT).lload(RegionLocals.BASE);
    out.invokevirtual(DISPATCHER_CLASS, "faulted", type("I", "I", "I", "J"));
    out.istore(RegionLocals.LEFT);
    out.loadConstant(TranslatedCode.FAULTED).lstore(RegionLocals.PC);
  }

  /** Pushes the address at an offset. */
  private void place(int offset) {
    out.lload(RegionLocals.BASE);
    if (offset != 0) {
      out.loadConstant((long) offset).ladd();
    }
  }

  private Label block(int offset) {
    return blocks.computeIfAbsent(offset, o -> out.newLabel());
  }
}
