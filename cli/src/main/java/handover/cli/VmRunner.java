package handover.cli;

import handover.devices.FileFailure;
import handover.machine.MachineSpecException;
import handover.machine.VirtualMachine;
import handover.migration.MigrationEngine;
import handover.monitor.MonitoredVirtualMachine;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Runs one machine from its command line to its end. */
final class VmRunner {
  private static final int OK = 0;
  private static final int FAILED = 1;

  private final PrintStream err;

  VmRunner(PrintStream err) {
    this.err = err;
  }

  /** Returns the process's exit status. */
  int run(VmCommandLine line) throws InterruptedException {
    ConsoleMonitor console = new ConsoleMonitor(System.out);
    VirtualMachine machine;
    try {
      machine = VirtualMachine.create(line.spec(), console);
    } catch (MachineSpecException e) {
      return refuse(line.problems(), e.problems());
    }
    if (!line.problems().isEmpty()) {
      machine.close();
      return refuse(line.problems(), List.of());
    }
    return run(machine, line, console);
  }

  private int run(VirtualMachine machine, VmCommandLine line, ConsoleMonitor console)
      throws InterruptedException {
    CountDownLatch cleanedUp = new CountDownLatch(1);
    try (Monitors monitors = new Monitors(new MonitoredVirtualMachine(machine))) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> endBySignal(machine, monitors, cleanedUp), "on-signal"));
      console.serve(monitors.human(), machine::quit);
      monitors.open(line.qmp(), line.monitors());
      GuestFromFile arrival = new GuestFromFile(machine);
      Optional<String> file = line.spec().incoming().filter(MigrationEngine::fromFile);
      file.ifPresent(uri -> machine.migration().addListener(arrival));
      machine.start();
      monitors.machineStarted();
      machine.awaitEnd();
      return arrival.failed() ? nothingArrived(file.orElseThrow()) : OK;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      err.println("handover: " + words(e));
      machine.close();
      return FAILED;
    } finally {
      cleanedUp.countDown();
    }
  }

  private int nothingArrived(String uri) {
    err.println(
        "handover: no guest came from '%s'; 'handover inspect' shows what is in such a file and where it breaks"
            .formatted(uri));
    return FAILED;
  }

  /** Ctrl-C and kill: the machine ends, sockets close, and only then the process. */
  private static void endBySignal(
      VirtualMachine machine, Monitors monitors, CountDownLatch cleanedUp) {
    machine.quitBySignal();
    monitors.close();
    try {
      var unused = cleanedUp.await(3, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String words(Exception e) {
    return e instanceof IOException io ? FileFailure.named(io) : e.getMessage();
  }

  private int refuse(List<String> fromParsing, List<String> fromBuilding) {
    Set<String> all = new LinkedHashSet<>(fromParsing);
    all.addAll(fromBuilding);
    List<String> problems = new ArrayList<>(all);
    problems.forEach(problem -> err.println("handover: " + problem));
    err.println(
        "handover: %d problem%s; see 'handover vm --help'"
            .formatted(problems.size(), problems.size() == 1 ? "" : "s"));
    return FAILED;
  }
}
