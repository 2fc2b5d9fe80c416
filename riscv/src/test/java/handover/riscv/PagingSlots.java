package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.ecall;
import static handover.riscv.MachineCode.i;
import static handover.riscv.MachineCode.ld;
import static handover.riscv.MachineCode.sfenceVma;

import java.util.function.LongUnaryOperator;

/**
 * Sv39 and Sv48: one access of chance through a page table entry of chance, at any level, from S
 * and U mode and through MPRV; then the entry (A and D bits) and the memory are looked at.
 *
 * <p>RAM is mapped twice beside the page under test: at its own address for S mode, which the trap
 * handler needs, and 1 GiB above for U mode.
 */
final class PagingSlots {
  private static final long ROOT = OracleImage.TABLES;
  private static final long LEVEL1 = ROOT + 0x1000;
  private static final long LEVEL0 = ROOT + 0x2000;
  private static final long ROOT48 = ROOT + 0x3000;
  private static final long GIB = 1L << 30;
  private static final long USER_ALIAS = GIB;

  private static final int V = 1;
  private static final int R = 2;
  private static final int W = 4;
  private static final int X = 8;
  private static final int U = 16;
  private static final int A = 64;
  private static final int D = 128;

  /** In an entry: a physical address where nothing is. */
  private static final long NOWHERE = 1L << 40;

  private static final int SUM = 1 << 18;
  private static final int MXR = 1 << 19;
  private static final int MPRV = 1 << 17;

  private final OracleValues values;

  PagingSlots(OracleValues values, OracleImage image) {
    this.values = values;
    image.preset(ROOT + 8, entry(LEVEL1, V));
    image.preset(ROOT + 16, entry(OracleImage.BASE, V | R | W | X | A | D));
    image.preset(ROOT + 24, entry(OracleImage.BASE, V | R | W | X | U | A | D));
    image.preset(LEVEL1, entry(LEVEL0, V));
    image.preset(ROOT48, entry(ROOT, V));
  }

  OracleSlot next() {
    return values.oneIn(5) ? crossing() : withinPage();
  }

  private OracleSlot withinPage() {
    int level = values.oneIn(3) ? values.pick(1, 2) : 0;
    long page = OracleImage.SCRATCH + (values.below(OracleImage.SCRATCH_SIZE) & -8192);
    // A superpage that is aligned begins where RAM does.
    long target = level == 0 || values.oneIn(6) ? page : OracleImage.BASE;
    long entryAddress = level == 0 ? LEVEL0 : level == 1 ? LEVEL1 + 8 : ROOT + 32;
    long virtualBase = level == 0 ? GIB : level == 1 ? GIB + (2 << 20) : 4 * GIB;
    long offset = values.below(4096) & -8;
    long inPage = level == 0 ? offset : page - OracleImage.BASE + offset;
    long virtual = virtualBase + inPage;
    if (values.oneIn(20)) {
      virtual |= values.pick(1L << 63, 1L << 39, 1L << 38, -1L << 38);
    }
    int flags = flags();
    boolean leaf = level == 0 || (flags & (R | X)) != 0;
    long entry = entry(target, flags) | oddities(leaf);
    OracleSlot slot =
        new OracleSlot("level %d, pte 0x%x, va 0x%x".formatted(level, entry, virtual))
            .memory(entryAddress, entry)
            .csr(Csrs.SATP, satp())
            .before(sfenceVma(0, 0));
    if (values.oneIn(3)) {
      slot.csr(Csrs.MEDELEG, values.bits() & 0xb1ff);
    }
    access(slot, virtual, page + offset, (entry & NOWHERE * 0x401) == 0);
    slot.after(csrWrite(Csrs.SATP, 0), csrWrite(Csrs.MEDELEG, 0));
    readDoubleword(slot, 25, entryAddress);
    return IntegerSlots.lookAt(slot, page + offset);
  }

  /** An access whose bytes lie in two pages, mapped apart; a fetch too. */
  private OracleSlot crossing() {
    long first = OracleImage.SCRATCH + (values.below(OracleImage.SCRATCH_SIZE / 2) & -4096);
    long second = OracleImage.SCRATCH + OracleImage.SCRATCH_SIZE / 2 + (first & 0xf000);
    long lowEntry = entry(first, flags());
    long highEntry = entry(second, values.oneIn(2) ? flags() : 0xef);
    int mode = values.below(2);
    long virtual = GIB + 4096 - 1 - values.below(7);
    OracleSlot slot =
        new OracleSlot("ptes 0x%x, 0x%x, va 0x%x".formatted(lowEntry, highEntry, virtual))
            .memory(LEVEL0, lowEntry)
            .memory(LEVEL0 + 8, highEntry)
            .csr(Csrs.SATP, satp())
            .before(sfenceVma(0, 0));
    long status = values.bits() & (SUM | MXR) | 0x2000;
    if (values.oneIn(3)) {
      // The lower half of addi x10,x10,1 ends the first page; the rest and an ecall follow.
      slot.memory(first + 4088, (long) addi(10, 10, 1) << 48)
          .memory(second, (long) ecall() << 16 | addi(10, 10, 1) >>> 16)
          .before(MachineCode.fenceI())
          .inMode(mode, status, body -> GIB + 4094);
    } else {
      slot.x(11, virtual)
          .x(12, values.integer())
          .inMode(mode, status, body -> mode == 0 ? body + USER_ALIAS : body)
          .run(values.pick(ld(13, 11, 0), MachineCode.sd(12, 11, 0)));
    }
    slot.after(csrWrite(Csrs.SATP, 0));
    readDoubleword(slot, 24, LEVEL0);
    readDoubleword(slot, 25, LEVEL0 + 8);
    readDoubleword(slot, 23, first + 4088);
    readDoubleword(slot, 22, second);
    return slot;
  }

  private void access(OracleSlot slot, long virtual, long physical, boolean memory) {
    int mode = values.below(2);
    long status = (values.bits() & (SUM | MXR)) | 0x2000;
    LongUnaryOperator pc = body -> mode == 0 ? body + USER_ALIAS : body;
    slot.x(11, virtual).x(12, values.integer());
    switch (values.below(6)) {
      case 0, 1 -> slot.inMode(mode, status, pc).run(data(memory));
      case 2 -> slot.inMode(mode, status, pc).run(data(memory), data(memory));
      case 3 -> machineAccess(slot, mode, status, memory);
      default ->
          slot.memory(physical, (long) ecall() << 32 | addi(10, 10, 1))
              .before(MachineCode.fenceI())
              .inMode(mode, status, body -> virtual);
    }
  }

  private void machineAccess(OracleSlot slot, int mode, long status, boolean memory) {
    slot.x(20, status | MPRV | (long) mode << 11)
        .x(21, OracleImage.STANDARD_MSTATUS)
        .run(csrWrite(Csrs.MSTATUS, 20), data(memory), csrWrite(Csrs.MSTATUS, 21));
  }

  // Outside RAM QEMU does a read-modify-write in two steps and reports the load.
  private int data(boolean memory) {
    if (memory && values.oneIn(6)) {
      return MachineCode.r(0x2f, 3, 0, 13, 11, 12);
    }
    return values.pick(
        ld(13, 11, 0),
        i(0x03, 0, 13, 11, 1),
        MachineCode.sd(12, 11, 0),
        MachineCode.s(0x23, 1, 11, 12, 2),
        MachineCode.r(0x2f, 3, 8, 13, 11, 0),
        MachineCode.fld(4, 11, 0),
        MachineCode.fsd(4, 11, 0));
  }

  private int flags() {
    int flags = (int) values.bits() & 0xff;
    return values.oneIn(10) ? flags : values.oneIn(3) ? flags | V : flags | V | A | R;
  }

  // Reserved bits, PBMT and N, software's own bits; an entry that points nowhere, which only a leaf
  // may: for a table that is not there QEMU 7.2 takes a page fault where an access fault is due.
  private long oddities(boolean leaf) {
    return switch (values.below(16)) {
      case 0 -> 1L << values.pick(54, 57, 60, 61, 62, 63);
      case 1 -> 1L << values.pick(8, 9);
      case 2 -> leaf ? NOWHERE << values.pick(0, 10) : 0;
      default -> 0;
    };
  }

  private long satp() {
    return values.oneIn(3) ? 9L << 60 | ROOT48 >>> 12 : 8L << 60 | ROOT >>> 12;
  }

  private static long entry(long address, int flags) {
    return address >>> 12 << 10 | flags;
  }

  private static void readDoubleword(OracleSlot slot, int rd, long address) {
    int low = (int) address;
    int high = low + 0x800 & 0xffff_f000;
    slot.after(
        high | rd << 7 | 0x37,
        addi(rd, rd, low - high),
        i(0x13, 1, rd, rd, 32),
        i(0x13, 5, rd, rd, 32),
        ld(rd, rd, 0));
  }
}
