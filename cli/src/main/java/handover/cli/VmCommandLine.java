package handover.cli;

import handover.machine.MachineSpec;
import handover.monitor.MonitorAddress;
import java.util.List;
import java.util.Optional;

/**
 * A parsed {@code handover vm} command line.
 *
 * @param spec the machine; what could be understood of it, if there are problems
 * @param qmp where QMP is offered
 * @param monitors where the human monitor is offered
 * @param help what was asked to be explained instead of run
 * @param problems everything that was not understood
 */
record VmCommandLine(
    MachineSpec spec,
    List<MonitorAddress> qmp,
    List<MonitorAddress> monitors,
    Optional<String> help,
    List<String> problems) {

  /** Understands arguments as QEMU would; problems are collected, never thrown. */
  static VmCommandLine parse(List<String> arguments) {
    VmArguments collected = new VmArguments();
    for (int i = 0; i < arguments.size(); i++) {
      i += take(collected, arguments, i);
    }
    return collected.finish();
  }

  /** Takes one option; returns how many further arguments it used up. */
  private static int take(VmArguments collected, List<String> arguments, int index) {
    String word = arguments.get(index);
    boolean last = index + 1 == arguments.size();
    Optional<VmOption> option = VmOption.named(word);
    if (option.isEmpty()) {
      collected.problem(VmOption.unknown(word));
      // What follows an unknown option is most likely its value; a second error would only confuse.
      return word.startsWith("-") && !last && !arguments.get(index + 1).startsWith("-") ? 1 : 0;
    }
    if (!option.get().takesValue()) {
      option.get().apply(collected, "");
      return 0;
    }
    if (last) {
      collected.problem("option '%s' expects %s".formatted(word, option.get().argument()));
      return 0;
    }
    option.get().apply(collected, arguments.get(index + 1));
    return 1;
  }
}
