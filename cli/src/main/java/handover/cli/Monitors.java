package handover.cli;

import handover.devices.net.StreamSocket;
import handover.monitor.MonitorAddress;
import handover.monitor.MonitorSocket;
import handover.monitor.MonitoredMachine;
import handover.monitor.hmp.HumanMonitor;
import handover.monitor.hmp.HumanSession;
import handover.monitor.qmp.CommandTable;
import handover.monitor.qmp.QmpCommands;
import handover.monitor.qmp.QmpServer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** Every monitor of one machine, QMP and human, wherever it is offered. */
final class Monitors implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Monitors.class.getName());

  private final HumanMonitor human;
  private final QmpServer qmp;
  private final List<AutoCloseable> places = new ArrayList<>();
  private final CountDownLatch started = new CountDownLatch(1);

  Monitors(MonitoredMachine machine) {
    HumanMonitor[] forQmp = new HumanMonitor[1];
    CommandTable table = QmpCommands.of(machine, (t, line) -> forQmp[0].run(line));
    human = new HumanMonitor(machine, table);
    forQmp[0] = human;
    qmp = new QmpServer(machine, table, InstantSource.system());
  }

  HumanMonitor human() {
    return human;
  }

  /**
   * Opens them; returns once every place that waits for a client has one.
   *
   * @throws IOException naming the place that could not be had
   */
  void open(List<MonitorAddress> qmpPlaces, List<MonitorAddress> humanPlaces)
      throws IOException, InterruptedException {
    for (MonitorAddress place : qmpPlaces) {
      open(place, "-qmp", onceStarted(qmp::serve), () -> qmp.serve(new StdioChannel()));
    }
    for (MonitorAddress place : humanPlaces) {
      open(place, "-monitor", onceStarted(this::serveHuman), this::serveTerminal);
    }
  }

  /**
   * Lets clients speak. They may connect before, which {@code wait=on} is about, but whoever is
   * greeted finds the machine in the state that its command line asked for.
   */
  void machineStarted() {
    started.countDown();
  }

  private Consumer<ByteChannel> onceStarted(Consumer<ByteChannel> serve) {
    return client -> onceStarted(() -> serve.accept(client)).run();
  }

  private Runnable onceStarted(Runnable serve) {
    return () -> {
      try {
        started.await();
        serve.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    };
  }

  private void open(
      MonitorAddress place, String option, Consumer<ByteChannel> serve, Runnable stdio)
      throws IOException, InterruptedException {
    switch (place) {
      case MonitorAddress.None none -> {}
      case MonitorAddress.Stdio terminal ->
          Thread.ofPlatform().daemon().name("stdio-monitor").start(onceStarted(stdio));
      case MonitorAddress.Socket socket -> open(socket, option, serve);
    }
  }

  private void open(MonitorAddress.Socket socket, String option, Consumer<ByteChannel> serve)
      throws IOException, InterruptedException {
    try {
      if (!socket.server()) {
        places.add(MonitorSocket.connect(socket.address(), serve));
        return;
      }
      MonitorSocket listening = MonitorSocket.listen(socket.address(), serve);
      places.add(listening);
      if (socket.waitForClient()) {
        LOG.log(
            System.Logger.Level.INFO,
            "{0} waits for a client at {1}",
            option,
            StreamSocket.text(socket.address()));
        listening.awaitClient();
      }
    } catch (IOException e) {
      throw new IOException(
          "%s %s: %s".formatted(option, StreamSocket.text(socket.address()), e.getMessage()), e);
    }
  }

  /** A person gets line editing; a pipe is read as any other client. */
  private void serveTerminal() {
    if (!TerminalMonitor.serve(human)) {
      serveHuman(new StdioChannel());
    }
  }

  private void serveHuman(ByteChannel channel) {
    try (InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
        OutputStream out = Channels.newOutputStream(channel)) {
      new HumanSession(human, in, out).serve();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "monitor client left: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Answers what is under way, then leaves everybody. */
  @Override
  public void close() {
    started.countDown();
    qmp.close();
    for (AutoCloseable place : places) {
      try {
        place.close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.DEBUG, "closing a monitor", e);
      }
    }
  }
}
