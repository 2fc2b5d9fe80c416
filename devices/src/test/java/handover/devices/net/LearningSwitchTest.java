package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearningSwitchTest {
  private static final int BROADCAST = -1;

  private final List<Peer> peers = new ArrayList<>();
  private LearningSwitch hub;
  private SocketAddress address;

  @BeforeEach
  void start(@TempDir Path folder) throws IOException {
    hub = new LearningSwitch();
    address = hub.listen(UnixDomainSocketAddress.of(folder.resolve("hub")));
  }

  @AfterEach
  void stop() {
    peers.forEach(p -> p.netdev.close());
    hub.close();
  }

  @Test
  void unknownAndBroadcastAreFloodedKnownIsNot() throws IOException {
    Peer a = connect();
    Peer b = connect();
    Peer c = connect();
    a.send(1, BROADCAST);
    b.expect(1);
    c.expect(1);
    b.send(2, 1);
    a.expect(1);
    a.send(1, 2);
    b.expect(2);
    c.send(3, BROADCAST);
    a.expect(2);
    assertThat(c.sink.got).hasSize(1);
  }

  @Test
  void anAnnouncementMovesTheAddress() throws IOException {
    Peer probe = connect();
    Peer source = connect();
    Peer destination = connect();
    source.send(7, BROADCAST);
    probe.expect(1);
    destination.expect(1);
    destination.send(7, BROADCAST);
    probe.expect(2);
    source.expect(1);
    probe.send(1, 7);
    destination.expect(2);
    assertThat(source.sink.got).hasSize(1);
    assertThat(hub.moves()).isEqualTo(1);
  }

  @Test
  void addressesGoWithTheirPort() throws IOException {
    Peer a = connect();
    Peer b = connect();
    Peer c = connect();
    b.send(2, BROADCAST);
    a.expect(1);
    c.expect(1);
    b.netdev.close();
    Await.until("two ports", () -> hub.ports().size() == 2);
    a.send(1, 2);
    c.expect(2);
  }

  @Test
  void tcpAndUnixPeersMeet() throws IOException {
    address = hub.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Peer tcp = connect();
    tcp.send(1, BROADCAST);
    Await.until("the frame", () -> hub.ports().getFirst().counts().framesReceived() == 1);
    assertThat(((InetSocketAddress) address).getPort()).isPositive();
  }

  @Test
  void aPeerThatSpeaksNoFramingIsCutOffAndNobodyElse() throws IOException {
    Peer a = connect();
    try (SocketChannel hostile = SocketChannel.open(address)) {
      hostile.write(ByteBuffer.wrap(new byte[] {-1, -1, -1, -1}));
      assertThat(hostile.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
    Peer b = connect();
    a.send(1, BROADCAST);
    b.expect(1);
  }

  @Test
  void aPeerThatDoesNotReadDelaysNobody() throws IOException {
    Peer a = connect();
    Peer b = connect();
    try (SocketChannel deaf = SocketChannel.open(address)) {
      Await.until("three ports", () -> hub.ports().size() == 3);
      int sent = 0;
      while (hub.ports().getLast().counts().sendDrops() == 0) {
        a.send(1, BROADCAST);
        b.expect(++sent);
      }
      assertThat(deaf.isConnected()).isTrue();
    }
  }

  private Peer connect() throws IOException {
    int before = newestPort();
    Peer peer = new Peer(StreamNetdev.client("p" + before, address, 0));
    peers.add(peer);
    Await.until("a new port", () -> newestPort() > before);
    return peer;
  }

  private int newestPort() {
    return hub.ports().stream().mapToInt(LearningSwitch.PortView::number).max().orElse(0);
  }

  private static final class Peer {
    private final Netdev netdev;
    private final Frames sink = new Frames();

    Peer(Netdev netdev) {
      this.netdev = netdev;
      netdev.attach(sink);
      Await.until("connected", () -> netdev.describe().endsWith("connected"));
    }

    void send(int source, int destination) {
      byte[] frame = Frames.frame(destination, source, 1400);
      assertThat(netdev.send(frame, 0, frame.length)).isTrue();
      netdev.flush();
    }

    void expect(int frames) {
      Await.until(frames + " frames", () -> sink.got.size() >= frames);
      assertThat(sink.got).hasSize(frames);
    }
  }
}
