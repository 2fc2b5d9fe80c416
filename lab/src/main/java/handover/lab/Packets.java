package handover.lab;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Ethernet, ARP, IPv4, ICMP and UDP as far as one host on one network needs them, over big-endian
 * buffers. Everything read is hostile: a packet that does not add up is no packet.
 */
final class Packets {
  static final int TYPE_ARP = 0x0806;
  static final int TYPE_IPV4 = 0x0800;
  static final int ARP_REQUEST = 1;
  static final int ARP_REPLY = 2;
  static final int ICMP = 1;
  static final int UDP = 17;
  static final int ETHERNET_HEADER = 14;
  static final int IPV4_HEADER = 20;
  static final int UDP_HEADER = 8;
  static final int ARP_BYTES = 28;

  /** Where IPv4's payload is in frames we send. */
  static final int IPV4_PAYLOAD = ETHERNET_HEADER + IPV4_HEADER;

  private static final byte[] BROADCAST = {-1, -1, -1, -1, -1, -1};

  private Packets() {}

  /** An ARP packet; {@code targetMac} empty asks everybody. */
  static byte[] arp(int operation, byte[] mac, int address, byte[] targetMac, int target) {
    boolean everybody = targetMac.length == 0;
    return ByteBuffer.allocate(60)
        .put(everybody ? BROADCAST : targetMac)
        .put(mac)
        .putShort((short) TYPE_ARP)
        .putShort((short) 1)
        .putShort((short) TYPE_IPV4)
        .put((byte) 6)
        .put((byte) 4)
        .putShort((short) operation)
        .put(mac)
        .putInt(address)
        .put(everybody ? new byte[6] : targetMac)
        .putInt(target)
        .array();
  }

  /** Writes Ethernet and IPv4 headers around a payload that is {@code length} bytes long. */
  static void ipv4(
      ByteBuffer frame, byte[] to, byte[] from, int protocol, int source, int target, int length) {
    frame.clear().put(to).put(from).putShort((short) TYPE_IPV4);
    frame.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4_HEADER + length));
    frame.putShort((short) 0).putShort((short) 0x4000).put((byte) 64).put((byte) protocol);
    frame.putShort((short) 0).putInt(source).putInt(target);
    int checksum = finish(sum(frame, ETHERNET_HEADER, IPV4_HEADER));
    frame.putShort(ETHERNET_HEADER + 10, (short) checksum);
    frame.limit(IPV4_PAYLOAD + length);
  }

  /** Writes a UDP header in front of a payload already in place, checksum included. */
  static void udp(ByteBuffer frame, int sourcePort, int targetPort, int payloadBytes) {
    int bytes = UDP_HEADER + payloadBytes;
    frame.putShort(IPV4_PAYLOAD, (short) sourcePort);
    frame.putShort(IPV4_PAYLOAD + 2, (short) targetPort);
    frame.putShort(IPV4_PAYLOAD + 4, (short) bytes);
    frame.putShort(IPV4_PAYLOAD + 6, (short) 0);
    long pseudo = sum(frame, ETHERNET_HEADER + 12, 8) + UDP + bytes;
    int checksum = finish(pseudo + sum(frame, IPV4_PAYLOAD, bytes));
    frame.putShort(IPV4_PAYLOAD + 6, (short) (checksum == 0 ? 0xffff : checksum));
  }

  /** Whether the frame is IPv4 without options or fragments, whole, and its header sums up. */
  static boolean wholeIpv4(ByteBuffer frame) {
    return frame.limit() >= IPV4_PAYLOAD
        && u16(frame, 12) == TYPE_IPV4
        && frame.get(ETHERNET_HEADER) == 0x45
        && u16(frame, ETHERNET_HEADER + 2) >= IPV4_HEADER
        && u16(frame, ETHERNET_HEADER + 2) <= frame.limit() - ETHERNET_HEADER
        && (u16(frame, ETHERNET_HEADER + 6) & 0x3fff) == 0
        && finish(sum(frame, ETHERNET_HEADER, IPV4_HEADER)) == 0;
  }

  /** Bytes of payload of {@link #wholeIpv4} frame. */
  static int payload(ByteBuffer frame) {
    return u16(frame, ETHERNET_HEADER + 2) - IPV4_HEADER;
  }

  /** The address the frame is for is {@code mac}, or everybody's. */
  static boolean isFor(ByteBuffer frame, byte[] mac) {
    byte[] destination = new byte[6];
    frame.get(0, destination);
    return Arrays.equals(destination, mac) || Arrays.equals(destination, BROADCAST);
  }

  static int u16(ByteBuffer frame, int offset) {
    return frame.getShort(offset) & 0xffff;
  }

  /** One's complement sum (RFC 1071), not folded. */
  static long sum(ByteBuffer bytes, int offset, int length) {
    long sum = 0;
    int end = offset + length;
    for (int i = offset; i + 1 < end; i += 2) {
      sum += u16(bytes, i);
    }
    return (length & 1) == 0 ? sum : sum + ((bytes.get(end - 1) & 0xffL) << 8);
  }

  /** Folds and complements. */
  static int finish(long sum) {
    long folded = sum;
    while (folded >>> 16 != 0) {
      folded = (folded >>> 16) + (folded & 0xffff);
    }
    return (int) ~folded & 0xffff;
  }
}
