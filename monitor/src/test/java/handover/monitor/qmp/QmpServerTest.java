package handover.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import handover.monitor.FakeMachine;
import handover.monitor.MonitorSocket;
import handover.monitor.client.QmpClient;
import handover.monitor.client.QmpErrorException;
import handover.monitor.client.QmpEvent;
import handover.monitor.json.Json;
import handover.monitor.json.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class QmpServerTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000, 123_456_000);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @TempDir Path folder;
  private final FakeMachine machine = new FakeMachine();
  private UnixDomainSocketAddress address;
  private QmpServer server;
  private MonitorSocket socket;

  @BeforeEach
  void listen() throws IOException {
    address = UnixDomainSocketAddress.of(folder.resolve("qmp.sock"));
    server =
        new QmpServer(
            machine, QmpCommands.of(machine, (t, line) -> line), InstantSource.fixed(NOW));
    socket = MonitorSocket.listen(address, server::serve);
  }

  @AfterEach
  void close() {
    server.close();
    socket.close();
  }

  @Test
  void greetsNegotiatesAndEchoesIds() throws Exception {
    try (Raw client = new Raw(address)) {
      assertThat(client.next())
          .hasToString(
              "{\"QMP\":{\"version\":{\"qemu\":{\"micro\":0,\"minor\":0,\"major\":10},"
                  + "\"package\":\"Handover 0.1.0\"},\"capabilities\":[]}}");
      client.send("{'execute':'query-status','id':{'any':['value',1]}}");
      assertThat(client.next())
          .hasToString(
              "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"Expecting capabilities"
                  + " negotiation with 'qmp_capabilities'\"},\"id\":{\"any\":[\"value\",1]}}");
      client.send("{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}");
      assertThat(client.next().toString()).contains("GenericError", "oob");
      client.send("{'execute':'qmp_capabilities'}");
      assertThat(client.next()).hasToString("{\"return\":{}}");
      client.send("{'execute':'query-status','id':7}");
      assertThat(client.next())
          .hasToString("{\"return\":{\"running\":true,\"status\":\"running\"},\"id\":7}");
      client.send("{'execute':'qmp_capabilities'}");
      assertThat(client.next().toString()).contains("already complete");
    }
  }

  @Test
  void pipelinedCommandsAreAnsweredInOrder() throws Exception {
    try (Raw client = new Raw(address)) {
      client.next();
      StringBuilder all = new StringBuilder("{'execute':'qmp_capabilities','id':0}");
      for (int i = 1; i <= 200; i++) {
        all.append("{'execute':'query-name','id':").append(i).append('}');
      }
      client.send(all.toString());
      for (int i = 0; i <= 200; i++) {
        assertThat(((Json.Obj) client.next()).whole("id")).hasValue(i);
      }
    }
  }

  @Test
  void requestsThatAreNotCommandsGetAnErrorEach() throws Exception {
    try (Raw client = new Raw(address)) {
      client.next();
      client.send("{'execute':'qmp_capabilities'}");
      client.next();
      for (String wrong :
          new String[] {
            "[]",
            "{}",
            "{'execute':1}",
            "{'exec-oob':'query-status'}",
            "{'execute':'stop','argument':{}}",
            "{'execute':'stop','arguments':[]}",
            "{'execute':'stop','arguments':{'x':1}}",
            "hello",
            "{'execute':}",
            "[".repeat(3000) + "]".repeat(3000)
          }) {
        client.send(wrong + "\n");
        assertThat(client.next().toString()).as(wrong).contains("\"class\":\"GenericError\"");
      }
      client.send("{'execute':'query-status'}");
      assertThat(client.next().toString()).contains("running");
    }
  }

  @Test
  void everyNegotiatedClientHearsEvents() throws Exception {
    try (Raw silent = new Raw(address);
        QmpClient one = QmpClient.connect(address);
        QmpClient two = QmpClient.connect("unix:" + address.getPath())) {
      silent.next();
      one.execute("stop");
      two.execute("cont");
      one.execute("migrate", Json.object().with("uri", "tcp:localhost:1").build());
      for (QmpClient client : new QmpClient[] {one, two}) {
        assertThat(event(client, "STOP").timestamp()).isEqualTo(FakeMachine.STOPPED);
        assertThat(event(client, "RESUME").timestamp()).isEqualTo(FakeMachine.RESUMED);
        assertThat(event(client, "MIGRATION").data()).hasToString("{\"status\":\"setup\"}");
        assertThat(event(client, "MIGRATION_PASS").data()).hasToString("{\"pass\":1}");
      }
      silent.send("{'execute':'qmp_capabilities'}");
      assertThat(silent.next())
          .as("no event before the negotiation")
          .hasToString("{\"return\":{}}");
    }
  }

  @Test
  void quitIsAnsweredBeforeTheServerLeaves() throws Exception {
    try (QmpClient client = QmpClient.connect(address)) {
      assertThat(client.execute("quit")).isEqualTo(Json.Obj.EMPTY);
      server.close();
      assertThat(event(client, "SHUTDOWN").data())
          .hasToString("{\"guest\":false,\"reason\":\"host-qmp-quit\"}");
    }
  }

  @Test
  void aClientThatNeverReadsIsDroppedAndHoldsUpNobody() throws Exception {
    try (SocketChannel deaf = SocketChannel.open(address)) {
      try (QmpClient other = QmpClient.connect(address)) {
        deaf.write(ascii("{'execute':'qmp_capabilities'}{'execute':'stop'}"));
        assertThat(event(other, "STOP").name()).isEqualTo("STOP");
      }
      // Far more than the queue and both sockets' buffers hold: none of it may block.
      for (int i = 0; i < 30_000; i++) {
        machine.reset();
      }
      try (QmpClient other = QmpClient.connect(address)) {
        assertThat(other.query("query-status").text("status")).contains("paused");
      }
      ByteBuffer read = ByteBuffer.allocate(1 << 16);
      while (deaf.read(read.clear()) >= 0) {
        assertThat(read.position()).isPositive();
      }
    }
  }

  @Test
  void aClientThatAsksALotAndReadsLateGetsEverything() throws Exception {
    try (Raw client = new Raw(address)) {
      client.send("{'execute':'qmp_capabilities'}");
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < 200; i++) {
                      client.send("{'execute':'query-qmp-schema','id':" + i + "}");
                    }
                  });
      client.next();
      client.next();
      for (int i = 0; i < 200; i++) {
        assertThat(((Json.Obj) client.next()).whole("id")).hasValue(i);
      }
      writer.join();
    }
  }

  @Test
  void garbageFromManyClientsLeavesItStanding() throws Exception {
    Random random = new Random(42);
    for (int i = 0; i < 40; i++) {
      try (SocketChannel client = SocketChannel.open(address)) {
        byte[] garbage = new byte[random.nextInt(20_000)];
        random.nextBytes(garbage);
        client.write(ByteBuffer.wrap(garbage));
      }
    }
    try (QmpClient client = QmpClient.connect(address)) {
      assertThat(client.query("query-status").flag("running")).contains(true);
    }
  }

  @Test
  void theClientReportsErrorsByClass() throws Exception {
    try (QmpClient client = QmpClient.connect(address)) {
      Throwable error = catchThrowable(() -> client.execute("no-such"));
      assertThat(error)
          .isInstanceOfSatisfying(
              QmpErrorException.class,
              e -> assertThat(e.errorClass()).isEqualTo("CommandNotFound"));
      server.close();
      assertThat(catchThrowable(() -> client.execute("stop"))).isInstanceOf(IOException.class);
    }
  }

  @Test
  void theSocketIsItsOwnersAndAStaleFileIsReplaced() throws Exception {
    Path path = address.getPath();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(catchThrowable(() -> MonitorSocket.listen(address, server::serve)))
        .hasMessageContaining("in use");
    Path stale = folder.resolve("stale.sock");
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(stale));
    }
    MonitorSocket.listen(UnixDomainSocketAddress.of(stale), server::serve).close();
    assertThat(stale).doesNotExist();
    Path file = Files.writeString(folder.resolve("file"), "precious");
    assertThat(
            catchThrowable(
                () -> MonitorSocket.listen(UnixDomainSocketAddress.of(file), server::serve)))
        .hasMessageContaining("is no socket");
    assertThat(file).exists();
  }

  private static QmpEvent event(QmpClient client, String name) throws InterruptedException {
    return client
        .awaitEvent(e -> e.name().equals(name), PATIENCE)
        .orElseThrow(() -> new AssertionError("event " + name + " did not come"));
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Talks QMP by hand. */
  private static final class Raw implements AutoCloseable {
    private final SocketChannel channel;
    private final JsonReader reader;

    Raw(UnixDomainSocketAddress address) throws IOException {
      channel = SocketChannel.open(address);
      reader = new JsonReader(Channels.newInputStream(channel));
    }

    void send(String text) {
      try {
        ByteBuffer bytes = ascii(text);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Json next() throws Exception {
      return reader.next().orElseThrow(() -> new AssertionError("the server left"));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
