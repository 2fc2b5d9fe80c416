package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.Await;
import handover.devices.virtio.TestRing.Piece;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(strings = {"off", "on"})
class VirtioNetTest {
  private static final byte[] NO_HEADER = new byte[NetHeader.BYTES];

  private final String packed;

  VirtioNetTest(String packed) {
    this.packed = packed;
  }

  private NetGuest net(String options) {
    return new NetGuest(options + ",packed=" + packed);
  }

  @Test
  void configurationSpaceSaysWhatWasAsked() {
    try (NetGuest net = net(",mac=52:54:00:01:02:03,mq=on,queues=4,host_mtu=9000")) {
      assertThat(net.guest.config(0, 12))
          .isEqualTo(HexFormat.of().parseHex("525400010203" + "0100" + "0400" + "2823"));
    }
    try (NetGuest net = net("")) {
      assertThat(net.guest.config(0, 6)).isEqualTo(HexFormat.of().parseHex("525400123456"));
      assertThat(net.device.identity().configLength()).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {14, 60, 1514, 9000, 65550})
  void framesArriveWholeInAsManyBuffersAsTheyNeed(int length) {
    try (NetGuest net = net("").start(0, 64, 64, 64)) {
      net.buffers(NetGuest.RX, 60, 1526);
      byte[] frame = NetGuest.frame(1, length);
      assertThat(net.wire.deliver(frame)).isEqualTo(1);
      assertThat(net.receive(NetGuest.RX)).isEqualTo(frame);
    }
  }

  @Test
  void withoutMergeableBuffersAFrameThatDoesNotFitIsDropped() {
    try (NetGuest net = net("").start(NetFeatures.MRG_RXBUF, 16, 16, 16)) {
      net.buffers(NetGuest.RX, 4, 200);
      net.wire.deliver(NetGuest.frame(1, 300), NetGuest.frame(2, 100));
      byte[] got = net.guest.ring(NetGuest.RX).await().written();
      assertThat(got).hasSize(NetHeader.BYTES + 100);
      assertThat(NetHeader.u16(got, NetHeader.NUM_BUFFERS)).isEqualTo(1);
    }
  }

  @Test
  void framesWaitForBuffersAndForARunningMachine() {
    try (NetGuest net = net("").start(0, 64, 64, 64)) {
      net.wire.deliver(NetGuest.frame(1, 100));
      net.buffers(NetGuest.RX, 8, 1526);
      assertThat(net.receive(NetGuest.RX)).isEqualTo(NetGuest.frame(1, 100));
      net.device.pause();
      int taken = net.wire.deliver(NetGuest.frame(2, 100), NetGuest.frame(3, 100));
      assertThat(taken).isEqualTo(2);
      assertThat(net.guest.ring(NetGuest.RX).take()).isEmpty();
      net.device.resume();
      assertThat(net.receive(NetGuest.RX)).isEqualTo(NetGuest.frame(2, 100));
      assertThat(net.receive(NetGuest.RX)).isEqualTo(NetGuest.frame(3, 100));
    }
  }

  @Test
  void whatWaitsIsBoundedAndCanBeTakenOut() {
    try (NetGuest net = net("").start(0, 64, 64, 64)) {
      net.device.pause();
      int taken = 0;
      for (int i = 0; i < PendingFrames.FRAMES + 1000; i++) {
        taken += net.wire.deliver(NetGuest.frame(i, 60));
      }
      assertThat(taken).isEqualTo(PendingFrames.FRAMES);
      assertThat(net.device.takeFrames(Integer.MAX_VALUE))
          .hasSize(PendingFrames.FRAMES)
          .startsWith(NetGuest.frame(0, 60))
          .endsWith(NetGuest.frame(PendingFrames.FRAMES - 1, 60));
    }
  }

  @Test
  void withoutADriverFramesAreDropped() {
    try (NetGuest net = net("")) {
      assertThat(net.wire.deliver(NetGuest.frame(1, 60))).isZero();
      net.start(0, 16, 16, 16);
      assertThat(net.wire.deliver(NetGuest.frame(1, 60))).isEqualTo(1);
      net.device.reset();
      assertThat(net.wire.deliver(NetGuest.frame(1, 60))).isZero();
    }
  }

  @Test
  void packetsLeaveInOrder() {
    try (NetGuest net = net("").start(0, 64, 256, 64)) {
      List<byte[]> packets = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        packets.add(NetGuest.frame(i, 60 + i));
        net.guest.ring(NetGuest.TX).add(Piece.out(NO_HEADER), Piece.out(packets.get(i)));
      }
      net.guest.kick(NetGuest.TX);
      Await.until("100 packets", () -> net.wire.sent.size() == 100);
      assertThat(net.wire.sent).containsExactlyElementsOf(packets);
    }
  }

  @Test
  void aLargePacketLeavesInSegments() {
    try (NetGuest net = net("").start(0, 64, 64, 64)) {
      byte[] packet = TcpPacket.build(new Random(5), false, 0, 0, new byte[30_000]);
      byte[] header =
          HexFormat.of().parseHex("01" + "01" + "0000" + "a005" + "0000" + "1000" + "0000");
      header[6] = (byte) TcpPacket.tcpOffset(packet);
      net.transmit(NetGuest.TX, header, packet);
      assertThat(net.wire.sent).hasSize(Math.ceilDiv(30_000, 1440));
      assertThat(net.wire.sent).allMatch(segment -> TcpPacket.tcpSum(segment) == 0xffff);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHeaderThatIsMissingIsTheDriversFault(boolean transmit) {
    try (NetGuest net = net("").start(0, 16, 16, 16)) {
      if (transmit) {
        net.guest.ring(NetGuest.TX).add(Piece.out(new byte[11]));
        net.guest.kick(NetGuest.TX);
      } else {
        net.buffers(NetGuest.RX, 15, 11);
        net.wire.deliver(NetGuest.frame(1, 60));
      }
      net.guest.awaitNeedsReset();
      net.start(0, 16, 16, 16);
      net.transmit(NetGuest.TX, NO_HEADER, NetGuest.frame(9, 60));
      assertThat(net.wire.sent).containsExactly(NetGuest.frame(9, 60));
    }
  }

  @Test
  void theFilterOfTheDriverCounts() {
    try (NetGuest net = net("").start(0, 64, 64, 64)) {
      net.buffers(NetGuest.RX, 8, 1526);
      assertThat(net.command(NetGuest.CONTROL, 0, 0, 0)).isZero();
      byte[] foreign = NetGuest.frame(1, 60);
      foreign[0] = 2;
      net.wire.deliver(foreign, NetGuest.frame(2, 60));
      assertThat(net.receive(NetGuest.RX)).isEqualTo(NetGuest.frame(2, 60));
    }
  }

  @Test
  void everyQueuePairSendsAndFlowsSpreadOverThePairsInUse() {
    try (NetGuest net = net(",mq=on,queues=2").start(0, 64, 64, 64, 64, 64)) {
      assertThat(net.command(4, 4, 0, 3, 0)).isOne();
      assertThat(net.command(4, 4, 0, 2, 0)).isZero();
      net.transmit(1, NO_HEADER, NetGuest.frame(1, 60));
      net.transmit(3, NO_HEADER, NetGuest.frame(3, 60));
      assertThat(net.wire.sent).hasSize(2);
      net.buffers(0, 60, 2000);
      net.buffers(2, 60, 2000);
      byte[] packet = TcpPacket.build(new Random(1), false, 0, 0, new byte[10]);
      for (int port = 0; port < 50; port++) {
        TcpPacket.put16(packet, TcpPacket.tcpOffset(packet), port);
        net.wire.deliver(packet);
        int pair = FlowHash.pair(packet, 0, packet.length, 2);
        assertThat(net.receive(2 * pair)).isEqualTo(packet);
      }
    }
  }

  @Test
  void withoutMultiqueueTheControlQueueIsTheThird() {
    try (NetGuest net = net(",mq=on,queues=2").start(NetFeatures.MQ, 64, 64, 64)) {
      assertThat(net.command(2, 0, 1, 1)).isZero();
    }
  }

  @Test
  void theDriverIsAskedToAnnounceItself() {
    try (NetGuest net = net("").start(0, 16, 16, 16)) {
      net.guest.acknowledge();
      long before = net.device.generation();
      net.device.announce();
      assertThat(net.guest.acknowledge() & 2).isEqualTo(2);
      assertThat(net.guest.config(6, 2)).containsExactly(3, 0);
      assertThat(net.command(NetGuest.CONTROL, 3, 0)).isZero();
      assertThat(net.guest.config(6, 2)).containsExactly(1, 0);
      assertThat(net.device.generation()).isGreaterThan(before + 1);
    }
  }

  @Test
  void theDeviceAnnouncesEveryUnicastAddress() {
    try (NetGuest net = net("").start(0, 16, 16, 16)) {
      byte[] table =
          HexFormat.of()
              .parseHex("0100" + "01000000" + "020000000007" + "01000000" + "333300000001");
      net.guest.ring(NetGuest.CONTROL).add(Piece.out(table), Piece.in(1));
      net.guest.kick(NetGuest.CONTROL);
      net.guest.ring(NetGuest.CONTROL).await();
      net.device.announceSelf();
      assertThat(net.wire.sent).hasSize(2);
      assertThat(net.wire.sent.get(1))
          .hasSize(60)
          .startsWith(
              HexFormat.of()
                  .parseHex(
                      "ffffffffffff525400123456" + "8035" + "0001080006040003" + "525400123456"));
      assertThat(net.wire.sent.get(0)).containsSequence(HexFormat.of().parseHex("020000000007"));
    }
  }

  @Test
  void aPulledCableLetsNothingThrough() {
    try (NetGuest net = net("").start(0, 16, 16, 16)) {
      net.buffers(NetGuest.RX, 8, 2000);
      net.device.setLink(false);
      assertThat(net.guest.config(6, 2)).containsExactly(0, 0);
      net.transmit(NetGuest.TX, NO_HEADER, NetGuest.frame(1, 60));
      net.wire.deliver(NetGuest.frame(1, 60));
      net.device.setLink(true);
      net.wire.deliver(NetGuest.frame(2, 60));
      assertThat(net.receive(NetGuest.RX)).isEqualTo(NetGuest.frame(2, 60));
      assertThat(net.wire.sent).isEmpty();
    }
  }

  @Test
  void everyPropertyMistakeIsNamed() {
    List<String> problems = new ArrayList<>();
    create("netdev=x,queues=4", problems);
    create("netdev=n0,mac=53:54:00:12:34:56,csun=off", problems);
    create("netdev=n0,rx_queue_size=300,host_mtu=20", problems);
    assertThat(problems)
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).contains("queues=4").contains("mq=on"),
            p -> assertThat(p).contains("no netdev with id 'x'"),
            p -> assertThat(p).contains("unicast"),
            p -> assertThat(p).contains("did you mean 'csum'"),
            p -> assertThat(p).contains("host_mtu"),
            p -> assertThat(p).contains("power of two"));
  }

  private static void create(String options, List<String> problems) {
    Wire wire = new Wire();
    Optional<VirtioNet> device =
        VirtioNet.create(
            OurMachine.parse(options),
            0,
            id -> Optional.<handover.devices.net.Netdev>of(wire).filter(w -> w.id().equals(id)),
            new handover.memory.GuestMemory(),
            problems::add);
    assertThat(device).isEmpty();
  }
}
