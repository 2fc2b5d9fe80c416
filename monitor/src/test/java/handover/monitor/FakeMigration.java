package handover.monitor;

import handover.machine.RunState;
import handover.migration.MigrationControl;
import handover.migration.MigrationInfo;
import handover.migration.MigrationListener;
import handover.migration.MigrationSettings;
import handover.migration.MigrationStatus;
import handover.migration.Offer;
import handover.migration.StateDump;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A migration engine that only pretends. What happens on {@code migrate} is chosen by {@link
 * #fail}, {@link #stall} and {@link #deliverTo}.
 */
public final class FakeMigration implements MigrationControl {
  private final MigrationSettings settings = new MigrationSettings();
  private final List<MigrationListener> listeners = new CopyOnWriteArrayList<>();
  private final FakeMachine machine;
  private volatile MigrationStatus status = MigrationStatus.NONE;
  private volatile Optional<String> error = Optional.empty();
  private volatile Optional<FakeMachine> destination = Optional.empty();
  private volatile Optional<String> failure = Optional.empty();
  private volatile Optional<SocketAddress> listening = Optional.empty();
  private volatile boolean stalls;
  private volatile String lastUri = "";

  FakeMigration(FakeMachine machine) {
    this.machine = machine;
  }

  /** The next migration fails with these words. */
  public void fail(String words) {
    failure = Optional.of(words);
  }

  /** As after an incoming attempt that failed: still listening. */
  public void failedAttempt() {
    SocketAddress unused = listen("tcp:127.0.0.1:0");
    become(MigrationStatus.FAILED);
  }

  /** The next migration stays active until cancelled. */
  public void stall() {
    stalls = true;
  }

  /** The next migration makes that machine run. */
  public void deliverTo(FakeMachine other) {
    destination = Optional.of(other);
  }

  @Override
  public StateDump describe() {
    Offer nothing = new Offer("fake", "fake-1.0", Map.of(), List.of(), List.of(), Map.of());
    return new StateDump(nothing, List.of(), nothing, Set.of());
  }

  public String lastUri() {
    return lastUri;
  }

  @Override
  public MigrationSettings settings() {
    return settings;
  }

  @Override
  public void migrate(String uri) {
    if (!status.ended()) {
      throw new IllegalStateException("There's a migration process in progress");
    }
    if (!uri.startsWith("tcp:") && !uri.startsWith("unix:")) {
      throw new IllegalArgumentException("expected tcp:HOST:PORT or unix:PATH, got '" + uri + "'");
    }
    lastUri = uri;
    become(MigrationStatus.SETUP);
    become(MigrationStatus.ACTIVE);
    listeners.forEach(l -> l.passFinished(1, Instant.EPOCH));
    if (failure.isPresent()) {
      error = failure;
      become(MigrationStatus.FAILED);
    } else if (!stalls) {
      machine.become(RunState.POSTMIGRATE);
      destination.ifPresent(FakeMigration::arrive);
      become(MigrationStatus.COMPLETED);
    }
  }

  private static void arrive(FakeMachine machine) {
    machine.become(RunState.RUNNING);
    machine.fakeMigration().become(MigrationStatus.COMPLETED);
  }

  private void become(MigrationStatus next) {
    status = next;
    listeners.forEach(l -> l.statusChanged(next, Instant.EPOCH));
  }

  @Override
  public SocketAddress listen(String uri) {
    if (listening.isPresent()) {
      throw new IllegalStateException("this machine is waiting for an incoming migration");
    }
    lastUri = uri;
    listening = Optional.of(InetSocketAddress.createUnresolved("127.0.0.1", 4444));
    become(MigrationStatus.SETUP);
    return listening.get();
  }

  @Override
  public Optional<SocketAddress> listening() {
    return listening;
  }

  @Override
  public void cancel() {
    if (!status.ended()) {
      become(MigrationStatus.CANCELLED);
    }
  }

  @Override
  public MigrationInfo query() {
    return new MigrationInfo(
        status,
        error,
        1_234_567,
        2_345,
        status == MigrationStatus.COMPLETED ? OptionalLong.of(12_001) : OptionalLong.empty(),
        OptionalLong.of(30_000),
        OptionalLong.of(9_000),
        new MigrationInfo.Ram(40 << 20, 1 << 20, 256 << 20, 50_000, 9_000, 3, 120, 125_000_000),
        List.of(
            new MigrationInfo.Device(
                "virtio-net", true, 1600, 40, 1, 0, 55, 5, 80, 30, Optional.empty())),
        new MigrationInfo.Timings(
            List.of(new MigrationInfo.Span("source", "stop", 0, 100)),
            List.of(new MigrationInfo.Jvm("source", 1, 2_000, 3)),
            7,
            OptionalLong.of(11_000)));
  }

  @Override
  public void addListener(MigrationListener listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    cancel();
  }
}
