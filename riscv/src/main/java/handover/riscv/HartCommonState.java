package handover.riscv;

import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/** What migration carries of any CPU: section {@code cpu_common}, version 1. */
public final class HartCommonState {
  /** Sleeping in WFI: 0 or 1. */
  long halted;

  /** QEMU's bit mask of reasons to leave the execution loop. */
  long interruptRequest;

  HartCommonState() {}

  static final StateDeclaration<HartCommonState> DECLARATION =
      StateDeclaration.<HartCommonState>of("cpu_common", 1)
          .group("run state", ChangeClass.HOT)
          .scalar("halted", WireType.U32, s -> s.halted, (s, v) -> s.halted = v)
          .scalar(
              "interrupt_request",
              WireType.U32,
              s -> s.interruptRequest,
              (s, v) -> s.interruptRequest = v)
          .build();
}
