package handover.cli;

import handover.machine.MachineSpec.Backend;
import handover.monitor.MonitorAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Who wants the process's standard input, of which there is one. */
final class StdioUsers {
  private StdioUsers() {}

  /** Every option that does, as typed. */
  static List<String> among(
      List<Backend> chardevs,
      List<String> serials,
      List<MonitorAddress> qmp,
      List<MonitorAddress> monitors) {
    List<String> users = new ArrayList<>();
    add(users, chardevs, chardev -> chardev.kind().equals("stdio"), "-chardev stdio");
    serials.stream().filter(s -> s.endsWith("stdio")).forEach(s -> users.add("-serial " + s));
    add(users, qmp, MonitorAddress.Stdio.class::isInstance, "-qmp stdio");
    add(users, monitors, MonitorAddress.Stdio.class::isInstance, "-monitor stdio");
    return users;
  }

  private static <T> void add(
      List<String> users, List<T> candidates, Predicate<T> wants, String text) {
    candidates.stream().filter(wants).forEach(one -> users.add(text));
  }
}
