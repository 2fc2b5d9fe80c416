package handover.monitor.client;

import handover.monitor.MonitorAddress;
import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import handover.monitor.json.JsonSyntaxException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A QMP client, of this program or of QEMU. Any thread may execute commands; replies are matched to
 * commands by {@code id}.
 */
public final class QmpClient implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(QmpClient.class.getName());
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  private final ByteChannel channel;
  private final SocketAddress address;
  private final String peer;
  private final ReentrantLock writing = new ReentrantLock();
  private final AtomicLong nextId = new AtomicLong(1);
  private final Map<Long, CompletableFuture<Json.Obj>> pending = new ConcurrentHashMap<>();
  private final CompletableFuture<Json.Obj> greeting = new CompletableFuture<>();
  private final EventLog events = new EventLog();
  private final List<Consumer<QmpEvent>> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  private QmpClient(ByteChannel channel, SocketAddress address) {
    this.channel = channel;
    this.address = address;
    this.peer = address.toString();
  }

  /** As {@link #connect(SocketAddress)}, for {@code unix:PATH}, {@code tcp:HOST:PORT} or a path. */
  public static QmpClient connect(String address) throws IOException {
    return connect(MonitorAddress.socketAddress(address));
  }

  /**
   * Connects and negotiates.
   *
   * @throws IOException if nobody listens, or what answers does not speak QMP
   */
  public static QmpClient connect(SocketAddress address) throws IOException {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(address);
    } catch (IOException e) {
      throw new IOException("cannot reach a QMP server at %s: %s".formatted(address, reason(e)), e);
    }
    QmpClient client = new QmpClient(channel, address);
    try {
      client.negotiate();
      return client;
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void negotiate() throws IOException {
    Thread.ofVirtual().name("qmp-client").start(this::readAll);
    try {
      await(greeting, DEFAULT_TIMEOUT, "greet");
      execute("qmp_capabilities");
    } catch (SocketTimeoutException e) {
      throw new IOException(
          peer + " sent no QMP greeting; QEMU serves one client per socket: is another connected?",
          e);
    } catch (QmpErrorException e) {
      throw new IOException(peer + " refused QMP's negotiation: " + e.getMessage(), e);
    }
  }

  /** What the server said of itself: {@code version} and {@code capabilities}. */
  public Json.Obj greeting() {
    return greeting.join();
  }

  /** Runs a command without arguments, within 10 seconds. */
  public Json execute(String command) throws IOException, QmpErrorException {
    return execute(command, Json.Obj.EMPTY);
  }

  /** Runs a command within 10 seconds. */
  public Json execute(String command, Json.Obj arguments) throws IOException, QmpErrorException {
    return execute(command, arguments, DEFAULT_TIMEOUT);
  }

  /**
   * Runs a command.
   *
   * @return what it returned
   * @throws QmpErrorException if the server refused or failed it
   * @throws SocketTimeoutException if no reply came in time; it may come later and is then ignored
   * @throws IOException if the connection is gone
   */
  public Json execute(String command, Json.Obj arguments, Duration timeout)
      throws IOException, QmpErrorException {
    long id = nextId.getAndIncrement();
    CompletableFuture<Json.Obj> reply = new CompletableFuture<>();
    pending.put(id, reply);
    try {
      send(
          Json.object()
              .with("execute", command)
              .with("arguments", arguments)
              .with("id", id)
              .build());
      return result(await(reply, timeout, "answer '" + command + "'"));
    } finally {
      pending.remove(id);
    }
  }

  /** As {@link #execute}, for commands that return an object. */
  public Json.Obj query(String command) throws IOException, QmpErrorException {
    return execute(command) instanceof Json.Obj object ? object : Json.Obj.EMPTY;
  }

  /** Calls back for every event, on the reading thread; must return quickly. */
  public void addListener(Consumer<QmpEvent> listener) {
    listeners.add(listener);
  }

  /**
   * Takes the oldest event that matches and was not taken before, waiting if need be.
   *
   * @return empty if it did not come in time, or the connection ended
   */
  public Optional<QmpEvent> awaitEvent(Predicate<QmpEvent> wanted, Duration timeout)
      throws InterruptedException {
    return events.await(wanted, timeout);
  }

  /** Whether the connection has ended, from either side. */
  public boolean closed() {
    return closed;
  }

  /**
   * Whether the server's process has ended: it ended the connection, and nobody listens there any
   * more. A server that merely cannot be reached is not gone.
   */
  public boolean serverGone() {
    if (!closed) {
      return false;
    }
    try (SocketChannel again = SocketChannel.open(address)) {
      return !again.isConnected();
    } catch (ConnectException e) {
      return "Connection refused".equals(e.getMessage());
    } catch (IOException e) {
      return address instanceof UnixDomainSocketAddress unix && !Files.exists(unix.getPath());
    }
  }

  private void send(Json.Obj message) throws IOException {
    if (closed) {
      throw gone();
    }
    ByteBuffer bytes = ByteBuffer.wrap((message + "\n").getBytes(StandardCharsets.US_ASCII));
    writing.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      writing.unlock();
    }
  }

  private IOException gone() {
    return new IOException("the QMP connection to " + peer + " has ended");
  }

  private Json.Obj await(CompletableFuture<Json.Obj> reply, Duration timeout, String what)
      throws IOException {
    try {
      return reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new SocketTimeoutException(
          "%s did not %s within %d ms".formatted(peer, what, timeout.toMillis()));
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + peer, e);
    }
  }

  private static Json result(Json.Obj reply) throws QmpErrorException {
    Optional<Json.Obj> error = reply.object("error");
    if (error.isPresent()) {
      throw new QmpErrorException(
          error.get().text("class").orElse("GenericError"),
          error.get().text("desc").orElse("no description"));
    }
    return reply.get("return").orElse(Json.Obj.EMPTY);
  }

  private void readAll() {
    try {
      JsonReader reader = new JsonReader(Channels.newInputStream(channel));
      for (Optional<Json> m = reader.next(); m.isPresent(); m = reader.next()) {
        if (m.get() instanceof Json.Obj message) {
          receive(message);
        }
      }
    } catch (IOException | JsonSyntaxException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", peer, e.getMessage());
    } finally {
      close();
    }
  }

  private void receive(Json.Obj message) {
    message.object("QMP").ifPresent(greeting::complete);
    message.text("event").ifPresent(name -> receiveEvent(QmpEvent.from(name, message)));
    message
        .whole("id")
        .ifPresent(id -> Optional.ofNullable(pending.get(id)).ifPresent(p -> p.complete(message)));
  }

  private void receiveEvent(QmpEvent event) {
    events.add(event);
    listeners.forEach(listener -> listener.accept(event));
  }

  /** Leaves; commands under way fail. */
  @Override
  public void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing " + peer, e);
    }
    greeting.completeExceptionally(gone());
    pending.values().forEach(reply -> reply.completeExceptionally(gone()));
    events.close();
  }
}
