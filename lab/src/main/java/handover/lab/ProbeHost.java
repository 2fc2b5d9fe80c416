package handover.lab;

import handover.devices.net.Netdev;
import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A small host on the wire: answers ARP and pings, finds the guest by ARP, sends probes and knows
 * their answers. No threads of its own: {@link #tick} sends, {@link #deliver} takes what arrives.
 *
 * <p>A probe's payload is 16 bytes: a magic number, a number of this run, the probe's number.
 */
final class ProbeHost implements Netdev.FrameSink {
  static final int PAYLOAD = 16;

  private static final int MAGIC = 0x48414e44;
  private static final int MAX_FRAME = 2048;
  private static final int ECHO_REPLY = 0;
  private static final int ECHO_REQUEST = 8;

  private final Netdev wire;
  private final ProbeSettings settings;
  private final byte[] mac;
  private final int address;
  private final int guest;
  private final int run;
  private final LongSupplier clock;
  private final EchoLedger ledger;
  private final ByteBuffer probe = ByteBuffer.allocate(Packets.IPV4_PAYLOAD + 8 + PAYLOAD);
  private volatile byte[] guestMac;

  /**
   * A host that is not yet sending.
   *
   * @param run tells this run's probes from those of others
   * @param clock nanoseconds
   */
  ProbeHost(Netdev wire, ProbeSettings settings, int run, LongSupplier clock, EchoLedger ledger) {
    this.wire = wire;
    this.settings = settings;
    this.mac = settings.macBytes();
    this.address = number(settings.address());
    this.guest = number(settings.guest());
    this.run = run;
    this.clock = clock;
    this.ledger = ledger;
  }

  /** The guest's MAC address, once it has answered. */
  Optional<byte[]> guestMac() {
    return Optional.ofNullable(guestMac).map(byte[]::clone);
  }

  /** Asks who has the guest's address. */
  void ask() {
    transmit(Packets.arp(Packets.ARP_REQUEST, mac, address, new byte[0], guest));
  }

  /** Puts what {@link #tick} has sent on the wire. */
  void flush() {
    wire.flush();
  }

  /** Queues one probe for {@link #flush}, once the guest was found. One thread only. */
  void tick() {
    byte[] to = guestMac;
    if (to == null) {
      return;
    }
    Packets.ipv4(probe, to, mac, Packets.UDP, address, guest, Packets.UDP_HEADER + PAYLOAD);
    long number = ledger.send(clock.getAsLong());
    int payload = Packets.IPV4_PAYLOAD + Packets.UDP_HEADER;
    probe.putInt(payload, MAGIC).putInt(payload + 4, run).putLong(payload + 8, number);
    Packets.udp(probe, settings.localPort(), settings.echoPort(), PAYLOAD);
    wire.send(probe.array(), 0, probe.limit());
  }

  @Override
  public boolean deliver(byte[] bytes, int offset, int length) {
    if (length > MAX_FRAME || length < Packets.ETHERNET_HEADER) {
      return false;
    }
    ByteBuffer frame = ByteBuffer.wrap(bytes, offset, length).slice();
    if (Packets.u16(frame, 12) == Packets.TYPE_ARP) {
      return arp(frame);
    }
    return Packets.isFor(frame, mac)
        && Packets.wholeIpv4(frame)
        && frame.getInt(Packets.ETHERNET_HEADER + 16) == address
        && ipv4(frame);
  }

  private boolean arp(ByteBuffer frame) {
    int at = Packets.ETHERNET_HEADER;
    if (frame.limit() < at + Packets.ARP_BYTES
        || Packets.u16(frame, at + 2) != Packets.TYPE_IPV4
        || Packets.u16(frame, at + 4) != 0x0604) {
      return false;
    }
    byte[] sender = new byte[6];
    frame.get(at + 8, sender);
    if (frame.getInt(at + 14) == guest && (sender[0] & 1) == 0) {
      guestMac = sender;
    }
    if (Packets.u16(frame, at + 6) == Packets.ARP_REQUEST && frame.getInt(at + 24) == address) {
      transmit(Packets.arp(Packets.ARP_REPLY, mac, address, sender, frame.getInt(at + 14)));
    }
    return true;
  }

  private boolean ipv4(ByteBuffer frame) {
    int bytes = Packets.payload(frame);
    return switch (frame.get(Packets.ETHERNET_HEADER + 9)) {
      case Packets.ICMP -> bytes >= 8 && icmp(frame, bytes);
      case Packets.UDP -> bytes >= Packets.UDP_HEADER + PAYLOAD && udp(frame);
      default -> false;
    };
  }

  private boolean icmp(ByteBuffer frame, int bytes) {
    int at = Packets.IPV4_PAYLOAD;
    if (frame.get(at) != ECHO_REQUEST || Packets.finish(Packets.sum(frame, at, bytes)) != 0) {
      return false;
    }
    byte[] to = new byte[6];
    frame.get(6, to);
    ByteBuffer answer = ByteBuffer.allocate(at + bytes);
    int asker = frame.getInt(Packets.ETHERNET_HEADER + 12);
    Packets.ipv4(answer, to, mac, Packets.ICMP, address, asker, bytes);
    answer.put(at, frame, at, bytes);
    answer.put(at, (byte) ECHO_REPLY).putShort(at + 2, (short) 0);
    answer.putShort(at + 2, (short) Packets.finish(Packets.sum(answer, at, bytes)));
    transmit(answer.array());
    return true;
  }

  private boolean udp(ByteBuffer frame) {
    int at = Packets.IPV4_PAYLOAD;
    int payload = at + Packets.UDP_HEADER;
    return frame.getInt(Packets.ETHERNET_HEADER + 12) == guest
        && Packets.u16(frame, at) == settings.echoPort()
        && Packets.u16(frame, at + 2) == settings.localPort()
        && frame.getInt(payload) == MAGIC
        && frame.getInt(payload + 4) == run
        && ledger.answer(frame.getLong(payload + 8), clock.getAsLong());
  }

  private void transmit(byte[] frame) {
    wire.send(frame, 0, frame.length);
    wire.flush();
  }

  private static int number(Inet4Address inet) {
    return ByteBuffer.wrap(inet.getAddress()).getInt();
  }
}
