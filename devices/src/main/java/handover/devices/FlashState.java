package handover.devices;

import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;

/** What of a {@link Flash} bank moves besides its contents, in QEMU's layout. */
final class FlashState {
  int cycle;
  int command;
  int status;

  /** Words of a buffered program still to come, minus one; -1 after the last. */
  long counter;

  static final StateDeclaration<FlashState> DECLARATION =
      StateDeclaration.<FlashState>of("pflash_cfi01", 1)
          .scalar("wcycle", WireType.U8, s -> s.cycle, (s, v) -> s.cycle = cycle(v))
          .scalar("cmd", WireType.U8, s -> s.command, (s, v) -> s.command = (int) v)
          .scalar("status", WireType.U8, s -> s.status, (s, v) -> s.status = (int) v)
          .scalar("counter", WireType.U64, s -> s.counter, (s, v) -> s.counter = v)
          .build();

  private static int cycle(long value) {
    if (value > 3) {
      throw new StreamException("pflash_cfi01: wcycle expected 0 to 3, found " + value);
    }
    return (int) value;
  }
}
