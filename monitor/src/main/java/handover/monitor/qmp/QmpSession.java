package handover.monitor.qmp;

import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import handover.monitor.json.JsonSyntaxException;
import handover.monitor.qmp.QmpException.ErrorClass;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One client of QMP: a virtual thread that reads and runs its commands in order, another that
 * writes. Protocol: greeting, negotiation with {@code qmp_capabilities}, then commands ("QEMU
 * Machine Protocol Specification").
 */
final class QmpSession {
  private static final System.Logger LOG = System.getLogger(QmpSession.class.getName());
  private static final long QUEUED_BYTES = 1 << 20;
  private static final Set<String> MEMBERS = Set.of("execute", "arguments", "id");

  private final ByteChannel channel;
  private final CommandTable commands;
  private final OutboundQueue outbound = new OutboundQueue(QUEUED_BYTES);
  private final ReentrantLock executing = new ReentrantLock();
  private volatile boolean negotiated;

  QmpSession(ByteChannel channel, CommandTable commands) {
    this.channel = channel;
    this.commands = commands;
  }

  /** Serves the client on the calling thread until it leaves or is dropped. */
  void serve() {
    Thread writer = Thread.ofVirtual().name("qmp-writer").start(this::writeAll);
    try (InputStream in = Channels.newInputStream(channel)) {
      reply(QmpVersion.greeting());
      readAll(new JsonReader(in));
      outbound.drain(1, TimeUnit.SECONDS);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "QMP client left: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
      writer.interrupt();
    }
  }

  private void readAll(JsonReader reader) throws IOException, InterruptedException {
    while (true) {
      try {
        Optional<Json> request = reader.next();
        if (request.isEmpty() || !answer(request.get())) {
          return;
        }
      } catch (JsonSyntaxException e) {
        reply(error(QmpException.generic(e.getMessage()), Optional.empty()));
      }
    }
  }

  private boolean answer(Json request) throws InterruptedException {
    // Held until the reply is queued, so that close() can let a "quit" be answered first.
    executing.lock();
    try {
      return reply(respond(request));
    } finally {
      executing.unlock();
    }
  }

  private Json.Obj respond(Json request) {
    Optional<Json> id = request instanceof Json.Obj object ? object.get("id") : Optional.empty();
    try {
      return Json.object().with("return", execute(request)).with("id", id).build();
    } catch (QmpException e) {
      return error(e, id);
    }
  }

  private static Json.Obj error(QmpException e, Optional<Json> id) {
    return Json.object().with("error", e.toJson()).with("id", id).build();
  }

  private Json execute(Json request) throws QmpException {
    if (!(request instanceof Json.Obj object)) {
      throw QmpException.generic("QMP input must be a JSON object");
    }
    for (String member : object.members().keySet()) {
      if (!MEMBERS.contains(member)) {
        throw QmpException.generic("QMP input member '" + member + "' is unexpected");
      }
    }
    String name =
        object
            .text("execute")
            .orElseThrow(() -> QmpException.generic("QMP input lacks member 'execute'"));
    Json arguments = object.get("arguments").orElse(Json.Obj.EMPTY);
    if (!(arguments instanceof Json.Obj given)) {
      throw QmpException.generic("QMP input member 'arguments' must be an object");
    }
    return executeInOrder(name, given);
  }

  private Json executeInOrder(String name, Json.Obj arguments) throws QmpException {
    boolean negotiating = name.equals("qmp_capabilities");
    if (negotiating == negotiated) {
      throw new QmpException(
          ErrorClass.COMMAND_NOT_FOUND,
          negotiating
              ? "Capabilities negotiation is already complete, command ignored"
              : "Expecting capabilities negotiation with 'qmp_capabilities'");
    }
    Json result = commands.execute(name, arguments);
    negotiated |= negotiating;
    return result;
  }

  private boolean reply(Json.Obj message) throws InterruptedException {
    return outbound.put(line(message));
  }

  /** Sends an event; a client that has let too many pile up unread is dropped. */
  void event(byte[] line) {
    if (negotiated && channel.isOpen() && !outbound.offer(line)) {
      LOG.log(System.Logger.Level.WARNING, "QMP client does not read its events; dropped");
      drop();
    }
  }

  static byte[] line(Json.Obj message) {
    return (message + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  private void writeAll() {
    try {
      for (Optional<byte[]> m = outbound.take(); m.isPresent(); m = outbound.take()) {
        ByteBuffer buffer = ByteBuffer.wrap(m.get());
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        outbound.written();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "QMP client does not take replies: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      drop();
    }
  }

  /** Lets the command under way be answered and what is queued be written, for a moment. */
  void finish() throws InterruptedException {
    if (executing.tryLock(1, TimeUnit.SECONDS)) {
      executing.unlock();
    }
    outbound.drain(1, TimeUnit.SECONDS);
    drop();
  }

  private void drop() {
    outbound.close();
    try {
      channel.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing a QMP client", e);
    }
  }
}
