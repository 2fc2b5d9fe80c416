package handover.devices.virtio.net;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** TCP packets for tests, and an independent reading of them: byte by byte, by the RFCs. */
final class TcpPacket {
  private TcpPacket() {}

  /** An Ethernet frame with a TCP segment whose checksums are not filled in. */
  static byte[] build(Random random, boolean ipv6, int vlans, int options, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] addresses = new byte[12];
    random.nextBytes(addresses);
    out.writeBytes(addresses);
    for (int i = 0; i < vlans; i++) {
      out.writeBytes(
          new byte[] {
            (byte) (i == 0 && vlans == 2 ? 0x88 : 0x81),
            (byte) (i == 0 && vlans == 2 ? 0xa8 : 0),
            0,
            7
          });
    }
    int tcp = 20 + 4 * options;
    out.writeBytes(new byte[] {(byte) (ipv6 ? 0x86 : 0x08), (byte) (ipv6 ? 0xdd : 0)});
    out.writeBytes(ipv6 ? ipv6(random, tcp + payload.length) : ipv4(random, tcp + payload.length));
    byte[] header = new byte[tcp];
    random.nextBytes(header);
    header[12] = (byte) (tcp / 4 << 4);
    out.writeBytes(header);
    out.writeBytes(payload);
    return out.toByteArray();
  }

  private static byte[] ipv4(Random random, int length) {
    byte[] ip = new byte[20 + 4 * random.nextInt(3)];
    random.nextBytes(ip);
    ip[0] = (byte) (0x40 | ip.length / 4);
    put16(ip, 2, Math.min(ip.length + length, 0xffff));
    put16(ip, 6, 0x4000);
    ip[9] = 6;
    return ip;
  }

  private static byte[] ipv6(Random random, int length) {
    byte[] ip = new byte[40];
    random.nextBytes(ip);
    ip[0] = (byte) (0x60 | ip[0] & 0xf);
    put16(ip, 4, Math.min(length, 0xffff));
    ip[6] = 6;
    return ip;
  }

  static int ipOffset(byte[] frame) {
    int at = 12;
    while (get16(frame, at) == 0x8100 || get16(frame, at) == 0x88a8) {
      at += 4;
    }
    return at + 2;
  }

  static boolean isIpv6(byte[] frame) {
    return get16(frame, ipOffset(frame) - 2) == 0x86dd || frame[ipOffset(frame)] >>> 4 == 6;
  }

  static int tcpOffset(byte[] frame) {
    int ip = ipOffset(frame);
    return isIpv6(frame) ? ip + 40 : ip + 4 * (frame[ip] & 0xf);
  }

  static int payloadOffset(byte[] frame) {
    int tcp = tcpOffset(frame);
    return tcp + 4 * (frame[tcp + 12] >> 4 & 0xf);
  }

  /** The sum over pseudo header and segment; 0xffff when the checksum in it is right. */
  static int tcpSum(byte[] frame) {
    int ip = ipOffset(frame);
    int tcp = tcpOffset(frame);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(frame, isIpv6(frame) ? ip + 8 : ip + 12, isIpv6(frame) ? 32 : 8);
    int length = frame.length - tcp;
    all.writeBytes(
        new byte[] {0, 6, (byte) (length >> 16), 0, (byte) (length >> 8), (byte) length});
    all.write(frame, tcp, length);
    return sum(all.toByteArray(), 0, all.size());
  }

  /** One's complement sum, the slow way. */
  static int sum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (bytes[from + i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
  }

  static int get16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  static long get32(byte[] bytes, int at) {
    return (long) get16(bytes, at) << 16 | get16(bytes, at + 2);
  }

  static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >> 8);
    bytes[at + 1] = (byte) value;
  }
}
