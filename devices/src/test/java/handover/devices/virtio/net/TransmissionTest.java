package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TransmissionTest {
  private static final long ALL =
      NetFeatures.CSUM | NetFeatures.HOST_TSO4 | NetFeatures.HOST_TSO6 | NetFeatures.HOST_ECN;

  private final Wire wire = new Wire();
  private final Transmission transmission = new Transmission();

  @Property(tries = 200)
  void checksumsAgreeWithTheSlowWay(
      @ForAll @Size(max = 300) byte[] bytes, @ForAll @IntRange(max = 20) int from) {
    int start = Math.min(from, bytes.length);
    int length = bytes.length - start;
    int expected = ~TcpPacket.sum(bytes, start, length) & 0xffff;
    assertThat(InternetChecksum.finish(InternetChecksum.sum(bytes, start, length)))
        .isIn(expected, expected ^ 0xffff * (expected % 0xffff == 0 ? 1 : 0));
  }

  @Property(tries = 120)
  void largeTcpPacketsBecomeRightSmallOnes(
      @ForAll long seed,
      @ForAll boolean ipv6,
      @ForAll @IntRange(max = 2) int vlans,
      @ForAll @IntRange(max = 10) int options,
      @ForAll @IntRange(min = 40, max = 9000) int gsoSize,
      @ForAll @IntRange(min = 1, max = 64000) int bytes) {
    wire.sent.clear();
    Random random = new Random(seed);
    byte[] payload = new byte[bytes];
    random.nextBytes(payload);
    byte[] packet = TcpPacket.build(random, ipv6, vlans, options, payload);
    NetHeader header = tso(packet, ipv6, gsoSize);
    boolean sent = transmission.send(header, packet, packet.length, ALL, wire);
    assertThat(sent).isTrue();
    assertSegments(packet, payload, gsoSize, wire.sent);
  }

  private static void assertSegments(
      byte[] packet, byte[] payload, int gsoSize, List<byte[]> segments) {
    int tcp = TcpPacket.tcpOffset(packet);
    ByteArrayOutputStream together = new ByteArrayOutputStream();
    for (int i = 0; i < segments.size(); i++) {
      byte[] segment = segments.get(i);
      boolean last = i == segments.size() - 1;
      int start = TcpPacket.payloadOffset(segment);
      long sequence = TcpPacket.get32(packet, tcp + 4) + together.size() & 0xffff_ffffL;
      assertThat(TcpPacket.get32(segment, tcp + 4)).isEqualTo(sequence);
      together.write(segment, start, segment.length - start);
      assertThat(segment.length - start).isLessThanOrEqualTo(gsoSize);
      assertThat(last || segment.length - start == gsoSize).isTrue();
      int kept = 0xff & ~(last ? 0 : 0x09) & ~(i == 0 ? 0 : 0x80);
      assertThat(segment[tcp + 13]).isEqualTo((byte) (packet[tcp + 13] & kept));
      assertThat(TcpPacket.tcpSum(segment)).isEqualTo(0xffff);
      assertIpHeader(packet, segment, i);
    }
    assertThat(together.toByteArray()).isEqualTo(payload);
  }

  private static void assertIpHeader(byte[] packet, byte[] segment, int number) {
    int ip = TcpPacket.ipOffset(segment);
    if (TcpPacket.isIpv6(segment)) {
      assertThat(TcpPacket.get16(segment, ip + 4)).isEqualTo(segment.length - ip - 40);
      return;
    }
    assertThat(TcpPacket.get16(segment, ip + 2)).isEqualTo(segment.length - ip);
    int identification = TcpPacket.get16(packet, ip + 4) + number & 0xffff;
    assertThat(TcpPacket.get16(segment, ip + 4)).isEqualTo(identification);
    assertThat(TcpPacket.sum(segment, ip, TcpPacket.tcpOffset(segment) - ip)).isEqualTo(0xffff);
  }

  @Property(tries = 200)
  void partialChecksumsAreCompleted(
      @ForAll long seed, @ForAll boolean ipv6, @ForAll @IntRange(max = 1460) int bytes) {
    wire.sent.clear();
    Random random = new Random(seed);
    byte[] payload = new byte[bytes];
    random.nextBytes(payload);
    byte[] packet = TcpPacket.build(random, ipv6, 0, 0, payload);
    int tcp = TcpPacket.tcpOffset(packet);
    int ip = TcpPacket.ipOffset(packet);
    TcpPacket.put16(packet, tcp + 16, 0);
    int addresses = ipv6 ? TcpPacket.sum(packet, ip + 8, 32) : TcpPacket.sum(packet, ip + 12, 8);
    int pseudo = addresses + 6 + packet.length - tcp;
    TcpPacket.put16(packet, tcp + 16, (pseudo & 0xffff) + (pseudo >> 16));
    NetHeader header = new NetHeader();
    header.flags = NetHeader.NEEDS_CSUM;
    header.csumStart = tcp;
    header.csumOffset = 16;
    assertThat(transmission.send(header, packet, packet.length, ALL, wire)).isTrue();
    assertThat(TcpPacket.tcpSum(wire.sent.getFirst())).isEqualTo(0xffff);
  }

  @Property(tries = 1000)
  void headersThatLieAreRefusedAndNothingElseHappens(
      @ForAll @Size(12) byte[] headerBytes,
      @ForAll @Size(max = 120) byte[] garbage,
      @ForAll boolean plausible,
      @ForAll @IntRange(max = 5) int gsoType,
      @ForAll long seed) {
    wire.sent.clear();
    Random random = new Random(seed);
    byte[] packet = TcpPacket.build(random, random.nextBoolean(), 0, 0, garbage);
    for (int i = 0; i < 3; i++) {
      packet[random.nextInt(packet.length)] ^= (byte) (plausible ? random.nextInt() : 0);
    }
    NetHeader header = new NetHeader();
    header.parse(headerBytes);
    header.gsoType = plausible ? gsoType : header.gsoType;
    header.csumStart = plausible ? random.nextInt(100) : header.csumStart;
    int length = random.nextInt(packet.length + 1);
    boolean sent = transmission.send(header, packet, length, ALL, wire);
    assertThat(wire.sent.isEmpty()).isEqualTo(!sent);
  }

  @Test
  void offloadsThatWereNotNegotiatedAreRefused() {
    byte[] packet = TcpPacket.build(new Random(1), false, 0, 0, new byte[5000]);
    NetHeader header = tso(packet, false, 1000);
    assertThat(transmission.send(header, packet, packet.length, NetFeatures.CSUM, wire)).isFalse();
    header.gsoType = NetHeader.GSO_NONE;
    assertThat(transmission.send(header, packet, packet.length, 0, wire)).isFalse();
    assertThat(wire.sent).isEmpty();
  }

  @Test
  void tinySegmentsAreRefusedBecauseThereWouldBeTooMany() {
    byte[] packet = TcpPacket.build(new Random(1), false, 0, 0, new byte[60000]);
    NetHeader header = tso(packet, false, 1);
    assertThat(transmission.send(header, packet, packet.length, ALL, wire)).isFalse();
  }

  private static NetHeader tso(byte[] packet, boolean ipv6, int gsoSize) {
    NetHeader header = new NetHeader();
    header.flags = NetHeader.NEEDS_CSUM;
    header.gsoType =
        (ipv6 ? NetHeader.GSO_TCPV6 : NetHeader.GSO_TCPV4)
            | (gsoSize % 2 == 0 ? NetHeader.GSO_ECN : 0);
    header.gsoSize = gsoSize;
    header.csumStart = TcpPacket.tcpOffset(packet);
    header.csumOffset = 16;
    return header;
  }
}
