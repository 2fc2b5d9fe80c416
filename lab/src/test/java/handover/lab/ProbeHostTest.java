package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ProbeHostTest {
  private static final int RUN = 77;

  private final AtomicLong clock = new AtomicLong();
  private final ProbeSettings settings = ProbeSettings.defaults();
  private final EchoLedger ledger = new EchoLedger(1000, 0);
  private final EchoGuest guest = new EchoGuest(n -> n % 10 == 3 ? 0 : n % 10 == 5 ? 2 : 1);
  private final ProbeHost host =
      new ProbeHost(guest, settings, RUN, () -> clock.getAndAdd(10), ledger);

  ProbeHostTest() {
    guest.attach(host);
  }

  @Test
  void nothingIsSentBeforeTheGuestIsFound() {
    host.tick();
    assertThat(guest.seen).isEmpty();
    host.ask();
    assertThat(host.guestMac()).contains(EchoGuest.MAC);
  }

  @Test
  void lossAndDuplicatesOfTheWireAreSeen() {
    host.ask();
    for (int i = 0; i < 100; i++) {
      host.tick();
    }
    ProbeReport report = ledger.total().report(1_000_000);
    assertThat(report.sent()).isEqualTo(100);
    assertThat(report.lost()).isEqualTo(10);
    assertThat(report.duplicated()).isEqualTo(10);
    assertThat(report.received()).isEqualTo(90);
  }

  @Test
  void itAnswersArpAndPings() {
    byte[] mac = settings.macBytes();
    guest.deliver(
        Packets.arp(
            Packets.ARP_REQUEST, EchoGuest.MAC, EchoGuest.ADDRESS, new byte[0], 0x0a000202));
    ByteBuffer reply = ByteBuffer.wrap(guest.seen.removeFirst());
    assertThat(Packets.u16(reply, 20)).isEqualTo(Packets.ARP_REPLY);
    ByteBuffer ping = ByteBuffer.allocate(Packets.IPV4_PAYLOAD + 13);
    Packets.ipv4(ping, mac, EchoGuest.MAC, Packets.ICMP, EchoGuest.ADDRESS, 0x0a000202, 13);
    ping.put(Packets.IPV4_PAYLOAD, (byte) 8)
        .putInt(Packets.IPV4_PAYLOAD + 4, 0x1234)
        .put(46, (byte) 9);
    int checksum = Packets.finish(Packets.sum(ping, Packets.IPV4_PAYLOAD, 13));
    ping.putShort(Packets.IPV4_PAYLOAD + 2, (short) checksum);
    guest.deliver(ping.array());
    ByteBuffer pong = ByteBuffer.wrap(guest.seen.removeFirst());
    assertThat(Packets.wholeIpv4(pong)).isTrue();
    assertThat(pong.get(Packets.IPV4_PAYLOAD)).isZero();
    assertThat(Packets.finish(Packets.sum(pong, Packets.IPV4_PAYLOAD, 13))).isZero();
    assertThat(pong.getInt(Packets.IPV4_PAYLOAD + 4)).isEqualTo(0x1234);
    assertThat(pong.get(46)).isEqualTo((byte) 9);
  }

  @Test
  void aProbeIsAnIntactUdpPacket() {
    host.ask();
    host.tick();
    ByteBuffer probe = ByteBuffer.wrap(guest.seen.getLast());
    assertThat(Packets.wholeIpv4(probe)).isTrue();
    int bytes = Packets.payload(probe);
    long pseudo = Packets.sum(probe, 26, 8) + Packets.UDP + bytes;
    assertThat(Packets.finish(pseudo + Packets.sum(probe, Packets.IPV4_PAYLOAD, bytes))).isZero();
    assertThat(Packets.u16(probe, Packets.IPV4_PAYLOAD)).isEqualTo(settings.localPort());
    assertThat(Packets.u16(probe, Packets.IPV4_PAYLOAD + 2)).isEqualTo(7);
  }

  @Property(tries = 500)
  void hostileFramesAreIgnored(
      @ForAll @Size(max = 80) byte[] garbage, @ForAll @Size(max = 6) int[] places) {
    byte[] frame = Packets.arp(Packets.ARP_REQUEST, EchoGuest.MAC, 1, new byte[0], 2);
    ByteBuffer echo = ByteBuffer.allocate(60);
    Packets.ipv4(echo, settings.macBytes(), EchoGuest.MAC, Packets.UDP, 1, 0x0a000202, 26);
    for (int i = 0; i < Math.min(places.length, garbage.length); i++) {
      frame[Math.floorMod(places[i], frame.length)] = garbage[i];
      echo.put(Math.floorMod(places[i], 60), garbage[i]);
    }
    guest.deliver(frame);
    guest.deliver(echo.array());
    guest.deliver(garbage);
    assertThat(ledger.total().received()).isZero();
  }
}
