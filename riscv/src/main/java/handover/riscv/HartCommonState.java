package handover.riscv;

import handover.vmstate.ChangeClass;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/** What migration carries of any CPU: section {@code cpu_common}, version 1. */
public final class HartCommonState {
  /** Sleeping in WFI: 0 or 1. */
  long halted;

  /** QEMU's bit mask of reasons to leave the execution loop. */
  long interruptRequest;

  /** QEMU's mark for a pending interrupt; without it QEMU would not look at mip. */
  static final int HARD = 2;

  /** Whether the hart's machine timer is armed, see {@link HartState#timerArmed}. */
  boolean timerArmed;

  HartCommonState() {}

  private long request() {
    return timerArmed ? interruptRequest | HARD : interruptRequest;
  }

  static final StateDeclaration<HartCommonState> DECLARATION =
      StateDeclaration.<HartCommonState>of("cpu_common", 1)
          .group("run state", ChangeClass.HOT)
          .scalar("halted", WireType.U32, s -> s.halted, (s, v) -> s.halted = v)
          .until(QemuRelease.QEMU_10_0)
          .scalar(
              "interrupt_request",
              WireType.U32,
              HartCommonState::request,
              (s, v) -> s.interruptRequest = v)
          .since(QemuRelease.QEMU_10_2)
          .scalar(
              "interrupt_request",
              WireType.U32,
              s -> s.interruptRequest,
              (s, v) -> s.interruptRequest = v)
          .build();
}
