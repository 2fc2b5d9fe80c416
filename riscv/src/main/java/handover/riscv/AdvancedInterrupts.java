package handover.riscv;

import java.util.function.LongSupplier;

/**
 * The registers of Smaia and Ssaia (Advanced Interrupt Architecture 1.0, 2 and 5): indirect access
 * to the hart's interrupt files, and what is to be taken first.
 *
 * <p>Priorities of the major interrupts are fixed (5.1): all bytes of the iprio arrays read as 0,
 * so that mtopi and stopi say 1 for every priority. No interrupt is virtual: mvien is 0, and mvip
 * another name for what software writes of mip.
 */
final class AdvancedInterrupts {
  private static final int MIREG = 0x351;
  private static final int SIREG = 0x151;
  private static final int SELECT = 0x1ff;
  private static final int IDENTITY_SHIFT = 16;
  private static final long ONLY_PRIORITY = 1;

  private final Registers r;
  private final CsrFile csrs;
  private final InterruptFile machine;
  private final InterruptFile supervisor;
  private int machineTop;
  private int supervisorTop;

  private AdvancedInterrupts(
      Registers registers, CsrFile csrs, InterruptFile machine, InterruptFile supervisor) {
    this.r = registers;
    this.csrs = csrs;
    this.machine = machine;
    this.supervisor = supervisor;
  }

  /** Adds the registers to {@code csrs}. */
  static void declare(
      Registers registers, CsrFile csrs, InterruptFile machine, InterruptFile supervisor) {
    AdvancedInterrupts a = new AdvancedInterrupts(registers, csrs, machine, supervisor);
    a.declareMachine();
    a.declareSupervisor();
  }

  private void declareMachine() {
    csrs.add(0x350, "miselect", () -> r.miselect, v -> r.miselect = v & SELECT);
    csrs.add(
        MIREG,
        "mireg",
        () -> exists((int) r.miselect),
        () -> load(machine, (int) r.miselect),
        v -> store(machine, (int) r.miselect, v));
    csrs.add(
        0x35c, "mtopei", () -> twice(machineTop = machine.top()), v -> machine.claim(machineTop));
    csrs.add(0xfb0, "mtopi", first(() -> ~r.mideleg), v -> {});
    csrs.add(0x308, "mvien", () -> 0, v -> {});
    csrs.add(0x309, "mvip", () -> r.softwarePending, csrs::setSoftwarePending);
  }

  private void declareSupervisor() {
    csrs.add(0x150, "siselect", () -> r.siselect, v -> r.siselect = v & SELECT);
    csrs.add(
        SIREG,
        "sireg",
        () -> exists((int) r.siselect),
        () -> load(supervisor, (int) r.siselect),
        v -> store(supervisor, (int) r.siselect, v));
    csrs.add(
        0x15c,
        "stopei",
        () -> twice(supervisorTop = supervisor.top()),
        v -> supervisor.claim(supervisorTop));
    csrs.add(0xdb0, "stopi", first(() -> r.mideleg), v -> {});
  }

  /** Identity and priority, which for external interrupts are the same number (3.10). */
  private static long twice(int identity) {
    return (long) identity << IDENTITY_SHIFT | identity;
  }

  private LongSupplier first(LongSupplier concerned) {
    return () -> {
      long pending = csrs.pending() & r.mie & concerned.getAsLong();
      int cause = TrapUnit.mostUrgent(pending);
      return cause < 0 ? 0 : (long) cause << IDENTITY_SHIFT | ONLY_PRIORITY;
    };
  }

  /** The iprio array, and the interrupt file; the odd halves are those of 32-bit harts. */
  private static boolean exists(int select) {
    boolean priorities = select >= 0x30 && select < 0x40;
    boolean file = select >= 0x80 && select < 0x100;
    return select >= 0x70 && select < 0x80 || (priorities || file) && (select & 1) == 0;
  }

  private static long load(InterruptFile file, int select) {
    return select < 0x70 ? 0 : file.load(select);
  }

  private static void store(InterruptFile file, int select, long value) {
    if (select >= 0x70) {
      file.store(select, value);
    }
  }
}
