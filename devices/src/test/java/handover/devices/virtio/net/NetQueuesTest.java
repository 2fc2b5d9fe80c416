package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.Await;
import handover.devices.virtio.Saving;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Many queues, queues chosen by hash, queues that interrupt late, and queues reset alone. */
class NetQueuesTest {
  private static final byte[] NO_HEADER = new byte[NetHeader.BYTES];

  private static int bytes(NetGuest net, boolean hot) {
    VirtioNetState state = net.device.snapshot();
    int bytes = 0;
    for (StateDeclaration.Group<VirtioNetState> group : net.device.declaration().groups()) {
      if (hot == (group.changes() == ChangeClass.HOT)) {
        bytes += GroupForm.encode(group, state).length;
      }
    }
    return bytes;
  }

  /** Sets up every queue; all share one ring, as nothing is ever put into it. */
  private static void startAll(NetGuest net, int queues) {
    net.guest.negotiate(-1L);
    net.guest.addRing(16);
    int[] at = {(int) net.guest.ring(0).descriptors(), (int) net.guest.ring(0).available()};
    for (int i = 1; i < queues; i++) {
      net.guest.write(0x30, i);
      net.guest.write(0x38, 16);
      net.guest.write(0x80, at[0]);
      net.guest.write(0x90, at[1]);
      net.guest.write(0xa0, (int) net.guest.ring(0).used());
      net.guest.write(0x44, 1);
    }
    net.guest.write(0x70, 15);
  }

  @ParameterizedTest
  @CsvSource({"8, off, 100, 1500", "8, on, 100, 1500", "511, off, 2200, 34000"})
  void stateGrowsWithTheQueuesInUseOnly(int pairs, String packed, int mostHot, int mostEarly) {
    String options = ",mq=on,queues=" + pairs + ",packed=" + packed;
    try (NetGuest net = new NetGuest(options)) {
      assertThat(bytes(net, true)).as("HOT bytes, no queue in use").isLessThan(16);
      assertThat(bytes(net, false)).as("early bytes").isLessThan(800 + 2 * pairs);
      startAll(net, 2 * pairs + 1);
      net.device.pause();
      assertThat(bytes(net, true)).as("HOT bytes").isLessThan(mostHot);
      assertThat(bytes(net, false)).as("early bytes").isLessThan(mostEarly);
      try (NetGuest to = new NetGuest(net.guest.memory(), options)) {
        to.device.commit(Saving.throughGroups(net.device, to.device));
        assertThat(GroupForm.digest(to.device.declaration(), to.device.snapshot()))
            .isEqualTo(GroupForm.digest(net.device.declaration(), net.device.snapshot()));
      }
    }
  }

  @Test
  void theHashChoosesTheQueueAndIsReported() {
    try (NetGuest net =
        new NetGuest(",mq=on,rss=on,hash=on,queues=2").start(0, 64, 64, 64, 64, 64)) {
      net.buffers(0, 20, 2000);
      net.buffers(2, 20, 2000);
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {1, 1, 1, 1}, 0, 2))).isZero();
      byte[] packet = TcpPacket.build(new Random(1), false, 0, 0, new byte[10]);
      net.wire.deliver(packet);
      byte[] got = net.guest.ring(2).await().written();
      assertThat(got).hasSize(NetHeader.HASH_BYTES + packet.length).endsWith(packet);
      assertThat(NetHeader.u16(got, NetHeader.HASH + 4)).isEqualTo(2);
      PacketHash expected = new PacketHash();
      expected.compute(packet, 0, packet.length, net.device.snapshot().control.rss);
      int low = NetHeader.u16(got, NetHeader.HASH);
      assertThat(low | NetHeader.u16(got, NetHeader.HASH + 2) << 16).isEqualTo(expected.value());
      net.wire.deliver(NetGuest.frame(1, 60));
      assertThat(net.guest.ring(0).await().written()).endsWith(NetGuest.frame(1, 60));
    }
  }

  @Test
  void aChangeOfPairsSwitchesTheHashOff() {
    try (NetGuest net = new NetGuest(",mq=on,rss=on,queues=2").start(0, 64, 64, 64, 64, 64)) {
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {0, 1}, 0, 2))).isZero();
      assertThat(net.device.snapshot().control.rss.enabled).isTrue();
      assertThat(net.command(4, 4, 0, 2, 0)).isZero();
      assertThat(net.device.snapshot().control.rss.enabled).isFalse();
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {0, 2}, 0, 2))).isOne();
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {0, 1, 1}, 0, 2))).isOne();
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {0, 1}, 2, 2))).isOne();
      assertThat(command(net, rss(PacketHash.TCPV4, new int[] {0, 1}, 0, 3))).isOne();
    }
  }

  /** A structure that ends in a flexible array is padded, and Linux sends all of it. */
  @Test
  void aByteBehindTheKeyIsNoReasonToRefuse() {
    try (NetGuest net = new NetGuest(",mq=on,rss=on,queues=2").start(0, 64, 64, 64, 64, 64)) {
      byte[] exact = rss(PacketHash.TCPV4, new int[128], 0, 2);
      assertThat(command(net, Arrays.copyOf(exact, exact.length + 1))).isZero();
      assertThat(net.device.snapshot().control.rss.enabled).isTrue();
      assertThat(command(net, Arrays.copyOf(exact, exact.length - 1))).isOne();
    }
  }

  static byte[] rss(int types, int[] table, int unclassified, int pairs) {
    ByteBuffer config = ByteBuffer.allocate(2 + 8 + 2 * table.length + 3 + 40);
    config.order(ByteOrder.LITTLE_ENDIAN).put((byte) 4).put((byte) 1);
    config.putInt(types).putShort((short) (table.length - 1)).putShort((short) unclassified);
    for (int entry : table) {
      config.putShort((short) entry);
    }
    config.putShort((short) pairs).put((byte) 40);
    while (config.hasRemaining()) {
      config.put((byte) (config.position() * 37));
    }
    return config.array();
  }

  private static int command(NetGuest net, byte[] bytes) {
    net.guest.ring(4).add(Piece.out(bytes), Piece.in(1));
    net.guest.kick(4);
    return net.guest.ring(4).await().written()[0];
  }

  @Test
  void interruptsArePutOffUntilEnoughPacketsTheirTimeOrAPause() {
    try (NetGuest net = new NetGuest(",notf_coal=on,vq_notf_coal=on").start(1L << 29, 64, 64, 64)) {
      assertThat(net.command(2, 6, 0, 3, 0, 0, 0, 0, 0, 0, 0x80)).isZero();
      net.device.pause();
      net.device.resume();
      net.guest.acknowledge();
      transmit(net, 2);
      assertThat(net.guest.line()).as("after two of three packets").isFalse();
      transmit(net, 1);
      Await.until("the interrupt of the third packet", () -> net.guest.line());
      net.guest.acknowledge();
      transmit(net, 1);
      assertThat(net.guest.line()).isFalse();
      net.device.pause();
      assertThat(net.guest.line()).as("a quiet device owes nothing").isTrue();
      net.device.resume();
      assertThat(net.command(2, 6, 2, 1, 0, 0, 0, 9, 0, 0, 0, 100, 0, 0, 0)).isZero();
      net.device.pause();
      net.device.resume();
      net.guest.acknowledge();
      transmit(net, 1);
      Await.until("the interrupt 100 µs later", () -> net.guest.line());
    }
  }

  private static void transmit(NetGuest net, int packets) {
    for (int i = 0; i < packets; i++) {
      net.transmit(NetGuest.TX, NO_HEADER, NetGuest.frame(i, 60));
    }
  }

  @Test
  void whatWasAskedOfOneQueueCanBeReadBack() {
    try (NetGuest net = new NetGuest(",notf_coal=on,vq_notf_coal=on").start(0, 64, 64, 64)) {
      assertThat(net.command(2, 6, 2, 1, 0, 0, 0, 9, 0, 0, 0, 100, 1, 0, 0)).isZero();
      net.guest.ring(2).add(Piece.out(new byte[] {6, 3, 1, 0, 0, 0}), Piece.in(9));
      net.guest.kick(2);
      assertThat(net.guest.ring(2).await().written()).containsExactly(0, 9, 0, 0, 0, 100, 1, 0, 0);
      assertThat(net.command(2, 6, 2, 2, 0, 0, 0, 9, 0, 0, 0, 100, 1, 0, 0)).isOne();
    }
  }

  /** The state must do on the other side what it did here, not just look the same. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hashingAndCoalescingMoveWithTheGuest(boolean classic) {
    String options = ",mq=on,rss=on,hash=on,notf_coal=on,vq_notf_coal=on,queues=2";
    try (NetGuest from = new NetGuest(options).start(0, 64, 64, 64, 64, 64);
        NetGuest to = new NetGuest(from.guest.memory(), options)) {
      from.buffers(2, 20, 2000);
      assertThat(command(from, rss(PacketHash.TCPV4, new int[] {1, 1}, 0, 2))).isZero();
      assertThat(from.command(4, 6, 2, 1, 0, 0, 0, 9, 0, 0, 0, 100, 1, 0, 0)).isZero();
      from.device.pause();
      to.device.commit(
          classic
              ? Saving.fromClassic(to.device, Saving.classic(from.device))
              : Saving.throughGroups(from.device, to.device));
      to.guest.adoptRings(from.guest);
      to.device.resume();
      byte[] packet = TcpPacket.build(new Random(1), false, 0, 0, new byte[10]);
      to.wire.deliver(packet);
      byte[] got = to.guest.ring(2).await().written();
      assertThat(NetHeader.u16(got, NetHeader.HASH + 4)).isEqualTo(2);
      to.guest.ring(4).add(Piece.out(new byte[] {6, 3, 1, 0, 0, 0}), Piece.in(9));
      to.guest.kick(4);
      assertThat(to.guest.ring(4).await().written()).containsExactly(0, 9, 0, 0, 0, 100, 1, 0, 0);
    }
  }

  @Test
  void oneQueueIsResetAndUsedAgain() {
    try (NetGuest net = new NetGuest("").start(0, 64, 64, 64)) {
      transmit(net, 3);
      long epoch = net.device.epoch();
      net.guest.write(0x30, NetGuest.TX);
      net.guest.write(0xc0, 1);
      assertThat(net.guest.read(0xc0)).isZero();
      assertThat(net.guest.read(0x44)).isZero();
      assertThat(net.device.epoch()).isGreaterThan(epoch);
      net.guest.resetRing(NetGuest.TX);
      transmit(net, 1);
      assertThat(net.wire.sent).hasSize(4);
      assertThat(net.command(NetGuest.CONTROL, 0, 1, 1)).isZero();
    }
  }

  @Test
  void speedAndDuplexAreTold() {
    try (NetGuest net = new NetGuest(",speed=25000,duplex=full")) {
      assertThat(net.guest.config(12, 5)).isEqualTo(HexFormat.of().parseHex("a861000001"));
    }
    try (NetGuest net = new NetGuest(",duplex=half")) {
      assertThat(net.guest.config(12, 5)).isEqualTo(HexFormat.of().parseHex("ffffffff00"));
    }
  }
}
