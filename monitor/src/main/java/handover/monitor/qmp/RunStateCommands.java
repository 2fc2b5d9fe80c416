package handover.monitor.qmp;

import static handover.monitor.qmp.QmpType.Builtin.BOOL;
import static handover.monitor.qmp.QmpType.Builtin.INT;
import static handover.monitor.qmp.QmpType.Builtin.SIZE;
import static handover.monitor.qmp.QmpType.Builtin.STR;

import handover.machine.RunState;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Enumeration;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Starting, stopping, and what the machine is. */
final class RunStateCommands {
  static final Enumeration RUN_STATE =
      new Enumeration(
          "RunState", Arrays.stream(RunState.values()).map(RunState::wireName).toList());

  private static final Struct STATUS_INFO =
      new Struct(
          "StatusInfo",
          List.of(
              Member.required("running", BOOL, "Whether guest instructions are executed."),
              Member.required("status", RUN_STATE, "What the machine is doing.")));

  private static final Struct CPU_INFO =
      new Struct(
          "CpuInfoFast",
          List.of(
              Member.required("cpu-index", INT, "Hart number."),
              Member.required("qom-path", STR, "Where the hart lives."),
              Member.required(
                  "thread-id", INT, "The process; the JVM names no threads of its own."),
              Member.required("target", STR, "Instruction set.")));

  private final MonitoredMachine machine;

  private RunStateCommands(MonitoredMachine machine) {
    this.machine = machine;
  }

  static List<Command> of(MonitoredMachine machine) {
    RunStateCommands c = new RunStateCommands(machine);
    return List.of(
        Command.query(
            "query-status", "Whether the guest runs.", List.of(), STATUS_INFO, a -> c.status()),
        Command.action("stop", "Pauses the guest.", List.of(), a -> machine.stop()),
        Command.action("cont", "Runs the guest on.", List.of(), a -> machine.cont()),
        Command.action(
            "system_reset", "Presses the reset button.", List.of(), a -> machine.reset()),
        Command.action(
            "system_powerdown", "Presses the power button.", List.of(), a -> machine.powerdown()),
        Command.action("quit", "Ends the machine and its process.", List.of(), a -> machine.quit()),
        Command.query(
            "query-name",
            "The machine's name.",
            List.of(),
            new Struct("NameInfo", List.of(Member.optional("name", STR, "As given by -name."))),
            a -> Json.object().with("name", machine.name().map(Json::of)).build()),
        Command.query(
            "query-uuid",
            "The machine's UUID.",
            List.of(),
            new Struct("UuidInfo", List.of(Member.required("UUID", STR, "As given by -uuid."))),
            a -> Json.object().with("UUID", machine.uuid().toString()).build()),
        Command.query(
            "query-kvm",
            "Whether a hypervisor is used: never.",
            List.of(),
            new Struct(
                "KvmInfo",
                List.of(
                    Member.required("enabled", BOOL, "Whether it is used."),
                    Member.required("present", BOOL, "Whether it could be used."))),
            a -> Json.object().with("enabled", false).with("present", false).build()),
        Command.query(
            "query-cpus-fast", "The harts.", List.of(), new ArrayOf(CPU_INFO), a -> c.cpus()),
        Command.query(
            "query-memory-size-summary",
            "Guest memory in bytes.",
            List.of(),
            new Struct(
                "MemoryInfo",
                List.of(
                    Member.required("base-memory", SIZE, "Present at start."),
                    Member.optional("plugged-memory", SIZE, "Added later."))),
            a -> Json.object().with("base-memory", machine.memoryBytes()).build()),
        Command.query(
            "query-target",
            "The guest's instruction set.",
            List.of(),
            new Struct("TargetInfo", List.of(Member.required("arch", STR, "riscv64."))),
            a -> Json.object().with("arch", "riscv64").build()));
  }

  private Json status() {
    RunState state = machine.runState();
    return Json.object()
        .with("running", state == RunState.RUNNING)
        .with("status", state.wireName())
        .build();
  }

  private Json cpus() {
    return Json.of(
        IntStream.range(0, machine.harts())
            .mapToObj(
                i ->
                    Json.object()
                        .with("cpu-index", i)
                        .with("qom-path", "/machine/soc0/harts[" + i + "]")
                        .with("thread-id", ProcessHandle.current().pid())
                        .with("target", "riscv64")
                        .build())
            .toList());
  }
}
