package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetdevsTest {
  private final Netdevs netdevs = new Netdevs();
  private final List<Netdev> open = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private String socket;

  @BeforeEach
  void chooseSocket(@TempDir Path folder) {
    socket = folder.resolve("s").toString();
  }

  @AfterEach
  void closeAll() {
    open.forEach(Netdev::close);
  }

  @Test
  void aServerAndAClientExchangeFramesInOrder() {
    Netdev server = netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
    Netdev client = netdev("stream", "id=b,addr.type=unix,addr.path=" + socket);
    assertFramesPass(client, server);
    assertFramesPass(server, client);
  }

  @Test
  void tcpWorksAsWell() {
    Netdev server =
        netdev("stream", "id=a,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=0");
    String port = server.describe().replaceAll(".*:(\\d+),.*", "$1");
    assertFramesPass(netdev("stream", "id=b,addr.type=inet,addr.port=" + port), server);
  }

  @Test
  void aClientFindsItsServerAgain() {
    Netdev client = netdev("stream", "id=b,reconnect-ms=5,addr.type=unix,addr.path=" + socket);
    for (int round = 0; round < 3; round++) {
      Netdev server = netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
      assertFramesPass(client, server);
      server.close();
    }
  }

  @Test
  void garbageClosesTheConnectionAndTheNextPeerIsServed() throws IOException {
    Netdev server = netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
    try (SocketChannel hostile = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      hostile.write(
          ByteBuffer.wrap(
              "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
      assertThat(hostile.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    assertFramesPass(netdev("stream", "id=b,addr.type=unix,addr.path=" + socket), server);
  }

  @Test
  void aPeerThatDoesNotReadCostsFramesNotTime() throws IOException {
    Netdev server = netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
    byte[] frame = Frames.frame(1, 2, 1400);
    try (SocketChannel slow = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      Await.until("connected", () -> server.describe().endsWith("connected"));
      int sent = 0;
      while (server.counts().sendDrops() < 100) {
        server.send(frame, 0, frame.length);
        server.flush();
        sent++;
      }
      assertThat(sent).isLessThan(100_000);
      int whole = sent - 100;
      ByteBuffer header = ByteBuffer.allocate(4 + frame.length);
      for (int i = 0; i < whole; i++) {
        readFully(slow, header.clear());
        assertThat(header.getInt(0)).isEqualTo(frame.length);
      }
    }
  }

  @Test
  void aRuntIsCountedAndDropped() {
    Netdev server = netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
    Frames sink = new Frames();
    server.attach(sink);
    Netdev client = netdev("stream", "id=b,addr.type=unix,addr.path=" + socket);
    Await.until("connected", () -> client.describe().endsWith("connected"));
    client.send(new byte[13], 0, 13);
    client.send(new byte[14], 0, 14);
    client.flush();
    Await.until("the good frame", () -> !sink.got.isEmpty());
    assertThat(server.counts().receiveDrops()).isEqualTo(1);
    assertThat(sink.got).hasSize(1);
  }

  @Test
  void aStaleSocketFileIsReplacedAndALiveOneIsNot() throws IOException {
    Files.createFile(Path.of(socket));
    netdev("stream", "id=a,server=on,addr.type=unix,addr.path=" + socket);
    tryOpen("stream", "id=b,server=on,addr.type=unix,addr.path=" + socket);
    assertThat(problems).singleElement().asString().contains("netdev b: cannot listen");
  }

  @Test
  void hubPortsHearEachOther() {
    List<Netdev> ports =
        IntStream.range(0, 3).mapToObj(i -> netdev("hubport", "id=h" + i + ",hubid=4")).toList();
    Netdev elsewhere = netdev("hubport", "id=x,hubid=5");
    List<Frames> sinks = ports.stream().map(p -> attach(p)).toList();
    Frames other = attach(elsewhere);
    byte[] frame = Frames.frame(1, 2, 50);
    ports.get(0).send(frame, 0, frame.length);
    assertThat(sinks.get(0).got).isEmpty();
    assertThat(sinks.get(1).got).containsExactly(frame);
    assertThat(sinks.get(2).got).containsExactly(frame);
    assertThat(other.got).isEmpty();
  }

  @Test
  void everyMistakeIsNamed() {
    tryOpen("straem", "id=a");
    tryOpen("stream", "id=a");
    tryOpen("stream", "addr.type=unix");
    tryOpen("stream", "id=a,addr.type=unix,sever=on");
    tryOpen("stream", "id=a,addr.type=inet,addr.port=70000");
    tryOpen("stream", "id=a,addr.type=unix,addr.path=" + socket);
    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("straem").contains("did you mean 'stream'"),
            p -> assertThat(p).contains("addr.type= is missing"),
            p -> assertThat(p).contains("id= is missing"),
            p -> assertThat(p).contains("did you mean 'server'"),
            p -> assertThat(p).contains("70000"),
            p -> assertThat(p).contains("cannot connect").contains("reconnect-ms"));
  }

  @Test
  void noneTakesNothing() {
    Netdev none = netdev("none", "id=n");
    assertThat(none.send(new byte[60], 0, 60)).isFalse();
  }

  private static void assertFramesPass(Netdev from, Netdev to) {
    Frames sink = attach(to);
    Await.until(
        "both connected",
        () -> from.describe().endsWith("connected") && to.describe().endsWith("connected"));
    List<byte[]> frames =
        IntStream.range(0, 50).mapToObj(i -> Frames.frame(1, i, i * 61 + 1)).toList();
    frames.forEach(f -> assertThat(from.send(f, 0, f.length)).isTrue());
    from.flush();
    Await.until("50 frames", () -> sink.got.size() >= 50);
    assertThat(sink.got).containsExactlyElementsOf(frames);
  }

  private static Frames attach(Netdev netdev) {
    Frames sink = new Frames();
    netdev.attach(sink);
    return sink;
  }

  private Netdev netdev(String kind, String options) {
    Netdev netdev =
        netdevs
            .open(
                kind,
                parse(options),
                p -> {
                  throw new UncheckedIOException(new IOException(p));
                })
            .orElseThrow();
    open.add(netdev);
    return netdev;
  }

  private void tryOpen(String kind, String options) {
    assertThat(netdevs.open(kind, parse(options), problems::add)).isEmpty();
  }

  private static Map<String, String> parse(String options) {
    Map<String, String> map = new HashMap<>();
    Arrays.stream(options.split(",", -1))
        .map(o -> o.split("=", 2))
        .forEach(o -> map.put(o[0], o[1]));
    return map;
  }

  private static void readFully(SocketChannel channel, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      assertThat(channel.read(into)).isNotNegative();
    }
  }
}
