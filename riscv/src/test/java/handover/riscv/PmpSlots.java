package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.csrWrite;
import static handover.riscv.MachineCode.ecall;
import static handover.riscv.MachineCode.i;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Physical memory protection: regions of every kind over a page, and an access from S or U mode.
 */
final class PmpSlots {
  private static final int OFF = 0;
  private static final int TOR = 1;
  private static final int NA4 = 2;
  private static final int NAPOT = 3;
  private static final long EVERYTHING = 0x1f;

  private final OracleValues values;

  PmpSlots(OracleValues values) {
    this.values = values;
  }

  OracleSlot next() {
    long page = OracleImage.SCRATCH + (values.below(OracleImage.SCRATCH_SIZE - 4096) & -4096);
    boolean fetch = values.oneIn(4);
    long[] addresses = new long[4];
    long config = EVERYTHING << 56;
    for (int entry = 0; entry < 4; entry++) {
      int kind = fetch ? values.pick(OFF, NAPOT) : kind(entry);
      // QEMU 7.2 can hang when code lies in a page that regions share.
      addresses[entry] = address(page, kind, fetch ? 9 : 0);
      config |= (long) (kind << 3 | permissions()) << 8 * entry;
    }
    OracleSlot slot = new OracleSlot("pmp %s, config 0x%x".formatted(hex(addresses), config));
    // The last entry lets all else through; it is there before entry 0 is changed.
    slot.csr(Csrs.PMPADDR0 + 7, -1).csr(Csrs.PMPCFG0, EVERYTHING << 56);
    for (int entry = 0; entry < 4; entry++) {
      slot.csr(Csrs.PMPADDR0 + entry, addresses[entry]);
    }
    slot.csr(Csrs.PMPCFG0, config);
    long target = page + values.below(256);
    if (fetch) {
      fetch(slot, target & -8);
    } else {
      // Aligned: QEMU checks the parts of a misaligned access one by one, ours the whole; both may.
      int width = values.below(4);
      target &= -1L << width;
      access(slot, target, width);
    }
    slot.after(addi(27, 0, -1), csrWrite(Csrs.PMPADDR0, 27), addi(27, 0, (int) EVERYTHING));
    slot.after(csrWrite(Csrs.PMPCFG0, 27));
    return IntegerSlots.lookAt(slot, target);
  }

  private static String hex(long[] addresses) {
    return Arrays.stream(addresses).mapToObj(Long::toHexString).collect(Collectors.joining(" "));
  }

  // A TOR region of entry 0 would begin at address 0 and hold the code.
  private int kind(int entry) {
    return entry == 0 ? values.pick(OFF, NA4, NAPOT) : values.pick(OFF, TOR, NA4, NAPOT);
  }

  private int permissions() {
    // Write without read is reserved.
    return values.pick(0, 1, 3, 4, 5, 7);
  }

  private long address(long page, int kind, int leastOnes) {
    long address = page + (values.below(256) & -4);
    if (kind != NAPOT) {
      return address >>> 2;
    }
    long mask = (1L << leastOnes + values.below(10)) - 1;
    return address >>> 2 & ~(mask << 1 | 1) | mask;
  }

  private void fetch(OracleSlot slot, long target) {
    slot.memory(target, (long) ecall() << 32 | addi(10, 10, 1))
        .before(MachineCode.fenceI())
        .inMode(values.below(2), 0, body -> target);
  }

  private void access(OracleSlot slot, long target, int width) {
    slot.inMode(values.below(2), 0, body -> body)
        .x(11, target)
        .x(12, values.integer())
        .run(values.oneIn(2) ? i(0x03, width, 13, 11, 0) : MachineCode.s(0x23, width, 11, 12, 0));
  }
}
