package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.machine.MachineView.Block;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.List;

/** RAM blocks, in the columns that QEMU prints and programs take apart. */
public final class RamBlockCommands {
  private static final Struct TEXT =
      new Struct(
          "HumanReadableText", List.of(Member.required("human-readable-text", STR, "The text.")));

  private RamBlockCommands() {}

  static List<Command> of(MonitoredMachine machine) {
    return List.of(
        Command.query(
            "x-query-ramblock",
            "RAM blocks in stream order.",
            List.of(),
            TEXT,
            a ->
                Json.object()
                    .with("human-readable-text", table(machine.view().ramBlocks()))
                    .build()));
  }

  /** The table. */
  public static String table(List<Block> blocks) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%24s %8s  %18s %18s %18s\n".formatted("Block Name", "PSize", "Offset", "Used", "Total"));
    long offset = 0;
    for (Block block : blocks) {
      text.append(
          "%24s %8s  0x%016x 0x%016x 0x%016x\n"
              .formatted(block.name(), "4 KiB", offset, block.size(), block.size()));
      offset += block.size();
    }
    return text.toString();
  }
}
