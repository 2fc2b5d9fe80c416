package handover.devices;

import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;

/** What of the {@link Plic} moves, in QEMU's order and meaning. */
final class PlicState {
  final int[] sourcePriority = new int[Plic.SOURCES];
  final int[] targetPriority;
  final int[] pending = new int[Plic.WORDS];
  final int[] claimed = new int[Plic.WORDS];
  final int[] enable;

  PlicState(int contexts) {
    targetPriority = new int[contexts];
    enable = new int[contexts * Plic.WORDS];
  }

  void copyTo(PlicState other) {
    copy(sourcePriority, other.sourcePriority);
    copy(targetPriority, other.targetPriority);
    copy(pending, other.pending);
    copy(claimed, other.claimed);
    copy(enable, other.enable);
  }

  static StateDeclaration<PlicState> declaration(int contexts) {
    return StateDeclaration.<PlicState>of("riscv_sifive_plic", 1)
        .array(
            "source_priority",
            WireType.U32,
            Plic.SOURCES,
            (s, i) -> s.sourcePriority[i],
            (s, i, v) -> s.sourcePriority[i] = priority("source_priority", i, v))
        .array(
            "target_priority",
            WireType.U32,
            contexts,
            (s, i) -> s.targetPriority[i],
            (s, i, v) -> s.targetPriority[i] = priority("target_priority", i, v))
        .array(
            "pending",
            WireType.U32,
            Plic.WORDS,
            (s, i) -> s.pending[i],
            (s, i, v) -> s.pending[i] = (int) v)
        .array(
            "claimed",
            WireType.U32,
            Plic.WORDS,
            (s, i) -> s.claimed[i],
            (s, i, v) -> s.claimed[i] = (int) v)
        .array(
            "enable",
            WireType.U32,
            contexts * Plic.WORDS,
            (s, i) -> s.enable[i],
            (s, i, v) -> s.enable[i] = (int) v)
        .build();
  }

  private static int priority(String field, int index, long value) {
    if (value > 7) {
      throw new StreamException(
          "riscv_sifive_plic: %s[%d] expected 0 to 7, found %d".formatted(field, index, value));
    }
    return (int) value;
  }

  private static void copy(int[] from, int[] to) {
    System.arraycopy(from, 0, to, 0, from.length);
  }
}
