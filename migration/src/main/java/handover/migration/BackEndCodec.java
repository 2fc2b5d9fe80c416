package handover.migration;

import handover.vmstate.BackEndBudget;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Budgets of back ends in a message: a count, then for each a flag and two times five u64. */
final class BackEndCodec {
  private BackEndCodec() {}

  static void write(WireWriter out, List<Optional<BackEndBudget>> backEnds) {
    out.u16(backEnds.size());
    for (Optional<BackEndBudget> backEnd : backEnds) {
      out.u8(backEnd.isPresent() ? 1 : 0);
      backEnd.ifPresent(
          budget -> {
            write(out, budget.early());
            write(out, budget.blackout());
          });
    }
  }

  static List<Optional<BackEndBudget>> read(WireReader in) {
    List<Optional<BackEndBudget>> backEnds = new ArrayList<>();
    for (int i = in.u16(); i > 0; i--) {
      backEnds.add(
          in.u8() == 0 ? Optional.empty() : Optional.of(new BackEndBudget(lines(in), lines(in))));
    }
    return backEnds;
  }

  private static void write(WireWriter out, BackEndBudget.Lines lines) {
    out.u64(lines.pinning());
    out.u64(lines.vqCreation());
    out.u64(lines.control());
    out.u64(lines.stateLoad());
    out.u64(lines.enable());
  }

  private static BackEndBudget.Lines lines(WireReader in) {
    return new BackEndBudget.Lines(in.u64(), in.u64(), in.u64(), in.u64(), in.u64());
  }
}
