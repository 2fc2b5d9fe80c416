package handover.migration;

import java.net.SocketAddress;
import java.util.Optional;

/**
 * One machine's migrations, outgoing or incoming: the whole face the engine shows to monitors.
 * Implemented by the engine; safe for any thread.
 */
public interface MigrationControl {
  /**
   * Capabilities and parameters; changes apply to the next migration, limits to the current one.
   */
  MigrationSettings settings();

  /**
   * Begins to send the machine to {@code uri} ({@code tcp:host:port}, {@code unix:path}, {@code
   * file:path[,offset=bytes]}); returns at once.
   *
   * @throws IllegalStateException if a migration is under way or the machine cannot be sent now
   * @throws IllegalArgumentException if the URI cannot be understood
   */
  void migrate(String uri);

  /**
   * Begins to listen for an incoming machine; returns once listening.
   *
   * @return the address listened at, with the port the system chose if 0 was asked for; for a file,
   *     which is read at once, one that names it
   */
  SocketAddress listen(String uri);

  /**
   * Where an incoming machine is waited for; still there after a failed attempt, so that the next
   * one can follow.
   */
  Optional<SocketAddress> listening();

  /** Cancels the outgoing migration, if any; returns at once. */
  void cancel();

  /** The current or last migration of this machine. */
  MigrationInfo query();

  /** What a migration of this machine consists of; the guest may run or not have begun. */
  StateDump describe();

  /** Adds a listener. */
  void addListener(MigrationListener listener);

  /** Ends every thread and socket; the machine is quitting. */
  void close();
}
