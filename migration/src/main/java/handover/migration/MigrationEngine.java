package handover.migration;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The migrations of one machine. At most one is under way, in or out. */
public final class MigrationEngine implements MigrationControl {
  private final MigratableMachine machine;
  private final String name;
  private final MigrationSettings settings = new MigrationSettings();
  private final List<MigrationListener> listeners = new CopyOnWriteArrayList<>();
  private final Announcer announcer;
  private Progress progress = new Progress(listeners);
  private Optional<SourceMigration> outgoing = Optional.empty();
  private Optional<Arrivals> incoming = Optional.empty();
  private SocketAddress listeningAt = new InetSocketAddress(0);
  private boolean closed;

  /**
   * An engine for {@code machine}.
   *
   * @param name the machine's name, for threads and messages
   */
  public MigrationEngine(MigratableMachine machine, String name) {
    this.machine = machine;
    this.name = name;
    this.announcer = new Announcer(machine, settings);
  }

  /** Whether a guest that comes from {@code uri} stands still until then, in a file. */
  public static boolean fromFile(String uri) {
    return uri.startsWith(MigrationAddress.FILE);
  }

  @Override
  public MigrationSettings settings() {
    return settings;
  }

  @Override
  public void migrate(String uri) {
    MigrationAddress address = MigrationAddress.parse(uri);
    SourceMigration migration;
    synchronized (this) {
      requireIdle();
      announcer.stop();
      progress = new Progress(listeners);
      migration = new SourceMigration(new SourceSession(machine, settings, progress, address));
      outgoing = Optional.of(migration);
    }
    progress().status(MigrationStatus.SETUP);
    Thread.ofPlatform().daemon().name("migration-send " + name).start(migration);
  }

  @Override
  public SocketAddress listen(String uri) {
    MigrationAddress address = MigrationAddress.parse(uri);
    // A guest in a file stands still already: what it waits for is the processors.
    boolean rehearses = settings.enabled(Capability.X_REHEARSE) && !fromFile(uri);
    if (rehearses) {
      RamRehearsal.once(settings.value(Parameter.X_READY_TIME));
    }
    try {
      SocketAddress bound;
      synchronized (this) {
        requireIdle();
        Arrivals listener = Arrivals.at(address.listening(), this::receive);
        incoming = Optional.of(listener);
        progress = new Progress(listeners);
        bound = listener.address();
        listeningAt = bound;
        listener.start();
      }
      progress().status(MigrationStatus.SETUP);
      if (rehearses) {
        MoveRehearsal.soon(machine, settings.value(Parameter.X_REHEARSE_MOVES));
      }
      return bound;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot %s '%s': %s"
              .formatted(fromFile(uri) ? "take a guest from" : "listen at", uri, e.getMessage()),
          e);
    }
  }

  @Override
  public synchronized Optional<SocketAddress> listening() {
    return incoming
        .filter(IncomingListener.class::isInstance)
        .filter(Arrivals::listening)
        .map(listener -> listeningAt);
  }

  @Override
  public void cancel() {
    Optional<SourceMigration> current;
    synchronized (this) {
      current = outgoing;
    }
    current.ifPresent(SourceMigration::cancel);
  }

  @Override
  public MigrationInfo query() {
    return progress().snapshot();
  }

  @Override
  public StateDump describe() {
    return StateDump.of(machine, settings);
  }

  @Override
  public void addListener(MigrationListener listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      incoming.ifPresent(Arrivals::close);
    }
    announcer.stop();
    cancel();
  }

  private void requireIdle() {
    if (closed) {
      throw new IllegalStateException("the machine is quitting");
    }
    if (outgoing.isPresent() && !outgoing.get().over()) {
      throw new IllegalStateException(
          "a migration is under way; wait for it or cancel it (migrate_cancel)");
    }
    if (incoming.isPresent() && incoming.get().listening()) {
      throw new IllegalStateException("this machine is waiting for an incoming migration");
    }
  }

  private synchronized Progress progress() {
    return progress;
  }

  /** Each attempt has its own progress, so that a failed one is shown until the next begins. */
  private void receive(ByteChannel channel) {
    Progress attempt;
    Arrivals listener;
    synchronized (this) {
      if (progress.status().ended()) {
        progress = new Progress(listeners);
      }
      attempt = progress;
      listener = incoming.orElseThrow();
    }
    attempt.status(MigrationStatus.SETUP);
    Link link =
        new Link(channel, () -> settings.value(Parameter.X_CHANNEL_TIMEOUT) * 1_000_000, true);
    new DestinationMigration(machine, settings, attempt)
        .receive(link, announcer::start, listener::stopListening);
  }
}
