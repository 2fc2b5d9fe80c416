package handover.monitor.qmp;

import handover.machine.MachineListener;
import handover.migration.Capability;
import handover.migration.MigrationListener;
import handover.migration.MigrationStatus;
import handover.monitor.MonitoredMachine;
import handover.monitor.json.Json;
import java.nio.channels.ByteChannel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** QMP for one machine: any number of clients, each served by itself, all told of every event. */
public final class QmpServer implements AutoCloseable {
  private final CommandTable commands;
  private final InstantSource clock;
  private final Set<QmpSession> sessions = ConcurrentHashMap.newKeySet();

  /**
   * Begins to listen to the machine's events.
   *
   * @param clock stamps events
   */
  public QmpServer(MonitoredMachine machine, CommandTable commands, InstantSource clock) {
    this.commands = commands;
    this.clock = clock;
    machine.addListener(new MachineEvents());
    machine.migration().addListener(new MigrationEvents(machine));
  }

  /** Serves a client on the calling thread until it leaves. */
  public void serve(ByteChannel client) {
    QmpSession session = new QmpSession(client, commands);
    sessions.add(session);
    try {
      session.serve();
    } finally {
      sessions.remove(session);
    }
  }

  /** Answers what is under way, then leaves every client. */
  @Override
  public void close() {
    for (QmpSession session : sessions) {
      try {
        session.finish();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void send(EventType type, Json.Obj data) {
    send(type, data, clock.instant());
  }

  private void send(EventType type, Json.Obj data, Instant when) {
    Json.Builder event =
        Json.object()
            .with(
                "timestamp",
                Json.object()
                    .with("seconds", when.getEpochSecond())
                    .with("microseconds", when.getNano() / 1000)
                    .build())
            .with("event", type.name());
    byte[] line =
        QmpSession.line((data.members().isEmpty() ? event : event.with("data", data)).build());
    sessions.forEach(session -> session.event(line));
  }

  private final class MachineEvents implements MachineListener {
    @Override
    public void stopped(Instant when) {
      send(EventType.STOP, Json.Obj.EMPTY, when);
    }

    @Override
    public void resumed(Instant when) {
      send(EventType.RESUME, Json.Obj.EMPTY, when);
    }

    @Override
    public void reset(boolean byGuest) {
      send(EventType.RESET, cause(byGuest, byGuest ? "guest-reset" : "host-qmp-system-reset"));
    }

    @Override
    public void shutDown(ShutdownCause cause) {
      send(
          EventType.SHUTDOWN,
          cause(cause == ShutdownCause.GUEST_SHUTDOWN, EventType.reason(cause)));
    }

    @Override
    public void powerdownRequested() {
      send(EventType.POWERDOWN, Json.Obj.EMPTY);
    }

    private static Json.Obj cause(boolean byGuest, String reason) {
      return Json.object().with("guest", byGuest).with("reason", reason).build();
    }
  }

  private final class MigrationEvents implements MigrationListener {
    private final MonitoredMachine machine;

    MigrationEvents(MonitoredMachine machine) {
      this.machine = machine;
    }

    @Override
    public void statusChanged(MigrationStatus status, Instant when) {
      if (wanted()) {
        Json.Builder data = Json.object().with("status", status.wireName());
        if (status == MigrationStatus.COMPLETED) {
          data.with("x-handover", MigrationReport.detail(machine.migration().query()));
        }
        send(EventType.MIGRATION, data.build(), when);
      }
    }

    @Override
    public void passFinished(long pass, Instant when) {
      if (wanted()) {
        send(EventType.MIGRATION_PASS, Json.object().with("pass", pass).build(), when);
      }
    }

    private boolean wanted() {
      return machine.migration().settings().enabled(Capability.EVENTS);
    }
  }
}
