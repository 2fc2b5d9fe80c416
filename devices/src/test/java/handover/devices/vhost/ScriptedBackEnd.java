package handover.devices.vhost;

import handover.memory.EventFd;
import handover.memory.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** A vhost-user back end that answers as a test tells it, and remembers what it was told. */
final class ScriptedBackEnd implements AutoCloseable {
  /** All that a good back end offers. */
  static final long FEATURES =
      VhostFeatures.SHARED | VhostFeatures.LOG_ALL | VhostFeatures.PROTOCOL_FEATURES;

  final List<String> heard = new CopyOnWriteArrayList<>();
  final Map<Integer, Integer> bases = new ConcurrentHashMap<>();
  private final Map<Integer, EventFd> kicks = new ConcurrentHashMap<>();
  private final Map<Integer, EventFd> calls = new ConcurrentHashMap<>();
  private final Map<VhostRequest, UnaryOperator<byte[]>> answers = new ConcurrentHashMap<>();
  private final UnixSocket listener;
  private final Thread thread;
  volatile long features = FEATURES;
  volatile long protocolFeatures = VhostFeatures.PROTOCOL;
  volatile MemorySegment log;
  private volatile UnixSocket session;
  private volatile boolean closed;

  ScriptedBackEnd(Path path) throws IOException {
    listener = UnixSocket.listen(path);
    thread = Thread.ofPlatform().daemon().name("scripted back end").start(this::run);
  }

  /** Changes the bytes of every reply to {@code request}; null says nothing at all. */
  ScriptedBackEnd answering(VhostRequest request, UnaryOperator<byte[]> change) {
    answers.put(request, change);
    return this;
  }

  /** What was heard of these requests, in order. */
  List<String> heard(VhostRequest... requests) {
    List<String> names = Arrays.stream(requests).map(VhostRequest::name).toList();
    return heard.stream().filter(h -> names.contains(h.split(" ", 2)[0])).toList();
  }

  /** Asks for an interrupt. */
  void call(int ring) {
    calls.get(ring).raise();
  }

  /** Whether the driver kicked since this was asked last. */
  boolean kicked(int ring) {
    EventFd kick = kicks.get(ring);
    return kick != null && kick.take();
  }

  /** Dies, as far as the other side can see; listens on. */
  void hangUp() {
    session.shutDown();
  }

  private void run() {
    try {
      while (!closed) {
        session = listener.accept(-1);
        serve(session);
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(UnixSocket socket) {
    try {
      while (true) {
        List<Integer> descriptors = new ArrayList<>();
        ByteBuffer header = read(socket, VhostChannel.HEADER, descriptors);
        int number = header.getInt();
        int flags = header.getInt();
        ByteBuffer payload = read(socket, header.getInt(), descriptors);
        VhostRequest request =
            Arrays.stream(VhostRequest.values())
                .filter(r -> r.number() == number)
                .findFirst()
                .orElseThrow(() -> new AssertionError("unknown request " + number));
        byte[] reply = hear(request, payload, descriptors);
        boolean wanted = (flags & VhostChannel.NEED_REPLY) != 0;
        if (reply == null && wanted) {
          reply = new byte[Long.BYTES];
        }
        if (reply != null) {
          reply(socket, request, reply);
        }
      }
    } catch (IOException e) {
      // The other side, or the test, has hung up.
    } finally {
      socket.shutDown();
      socket.close();
    }
  }

  private void reply(UnixSocket socket, VhostRequest request, byte[] payload) throws IOException {
    ByteBuffer message = VhostChannel.payload(VhostChannel.HEADER + payload.length);
    message.putInt(request.number()).putInt(VhostChannel.VERSION | VhostChannel.REPLY);
    message.putInt(payload.length).put(payload);
    byte[] bytes = new byte[message.capacity()];
    message.get(0, bytes);
    byte[] changed = answers.getOrDefault(request, UnaryOperator.identity()).apply(bytes);
    if (changed != null) {
      socket.send(changed);
    }
  }

  /** Remembers; the reply if the request has one of its own. */
  private byte[] hear(VhostRequest request, ByteBuffer payload, List<Integer> descriptors)
      throws IOException {
    String words = request.name();
    byte[] reply = null;
    switch (request) {
      case GET_FEATURES -> reply = number(features);
      case GET_PROTOCOL_FEATURES -> reply = number(protocolFeatures);
      case GET_QUEUE_NUM -> reply = number(2);
      case SET_FEATURES, SET_PROTOCOL_FEATURES -> words += " 0x%x".formatted(payload.getLong(0));
      case SET_MEM_TABLE ->
          words +=
              " 0x%x 0x%x fds=%d"
                  .formatted(payload.getLong(8), payload.getLong(16), descriptors.size());
      case SET_LOG_BASE -> {
        log = map(descriptors.getFirst(), payload.getLong(0));
        reply = new byte[0];
      }
      case SET_VRING_NUM, SET_VRING_BASE, SET_VRING_ENABLE ->
          words += " %d %d".formatted(payload.getInt(0), payload.getInt(4));
      case SET_VRING_ADDR ->
          words +=
              " %d flags=%d desc=0x%x"
                  .formatted(payload.getInt(0), payload.getInt(4), payload.getLong(8));
      case SET_VRING_KICK -> kicks.put(payload.getInt(0), EventFd.of(descriptors.getFirst()));
      case SET_VRING_CALL -> calls.put(payload.getInt(0), EventFd.of(descriptors.getFirst()));
      case GET_VRING_BASE -> {
        int ring = payload.getInt(0);
        words += " " + ring;
        reply = new byte[8];
        int base = bases.getOrDefault(ring, 0);
        ByteBuffer.wrap(reply).order(ByteOrder.nativeOrder()).putInt(ring).putInt(base);
      }
      case SEND_RARP, SET_OWNER -> {}
    }
    heard.add(words);
    return reply;
  }

  /** Another mapping of the same memory, as another process would have. */
  static MemorySegment map(int descriptor, long bytes) throws IOException {
    Path file = Path.of("/proc/self/fd/" + descriptor);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.global());
    }
  }

  private static byte[] number(long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putLong(value);
    return bytes;
  }

  private static ByteBuffer read(UnixSocket socket, int length, List<Integer> descriptors)
      throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; ) {
      int count = socket.receive(bytes, done, length - done, descriptors, -1);
      if (count < 0) {
        throw new IOException("end");
      }
      done += count;
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    closed = true;
    listener.shutDown();
    UnixSocket now = session;
    if (now != null && thread.isAlive()) {
      now.shutDown();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    listener.close();
  }
}
