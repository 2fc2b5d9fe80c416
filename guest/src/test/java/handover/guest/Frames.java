package handover.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Frames between a test at 10.0.2.2 and a guest at 10.0.2.15. */
final class Frames {

  private static final byte[] OWN_MAC = {0x52, 0x54, 0, 0x12, 0x34, 0x02};
  private static final byte[] BROADCAST = {-1, -1, -1, -1, -1, -1};
  private static final int OWN_IP = 0x0a000202;
  private static final int GUEST_IP = 0x0a00020f;
  private static final int OWN_PORT = 4000;
  private static final int ETHERNET = 14;
  private static final int IP = 20;

  private Frames() {}

  static byte[] arpRequest() {
    ByteBuffer b = ByteBuffer.allocate(60).put(BROADCAST).put(OWN_MAC).putShort((short) 0x0806);
    b.putInt(0x00010800).putInt(0x06040001);
    b.put(OWN_MAC).putInt(OWN_IP).put(new byte[6]).putInt(GUEST_IP);
    return b.array();
  }

  static boolean isArpReply(byte[] f) {
    return type(f) == 0x0806 && f[21] == 2 && ByteBuffer.wrap(f, 28, 4).getInt() == GUEST_IP;
  }

  static boolean isGratuitousArp(byte[] f) {
    ByteBuffer b = ByteBuffer.wrap(f);
    return type(f) == 0x0806 && b.getInt(28) == GUEST_IP && b.getInt(38) == GUEST_IP;
  }

  static byte[] senderMac(byte[] f) {
    return Arrays.copyOfRange(f, 6, 12);
  }

  static byte[] ping(byte[] mac, int sequence) {
    ByteBuffer icmp = ByteBuffer.allocate(64).putInt(0x08000000).putShort((short) 7);
    icmp.putShort((short) sequence);
    icmp.putShort(2, (short) checksum(icmp.array()));
    return ipv4(mac, 1, icmp.array());
  }

  static boolean isPong(byte[] f, int sequence) {
    ByteBuffer b = ByteBuffer.wrap(f);
    return type(f) == 0x0800
        && f[23] == 1
        && f[34] == 0
        && b.getShort(40) == (short) sequence
        && checksum(Arrays.copyOfRange(f, 14, 34)) == 0
        && checksum(Arrays.copyOfRange(f, 34, 98)) == 0;
  }

  static byte[] udp(byte[] mac, int port, byte[] payload) {
    ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
    udp.putShort((short) OWN_PORT).putShort((short) port);
    udp.putShort((short) udp.capacity()).putShort((short) 0).put(payload);
    return ipv4(mac, 17, udp.array());
  }

  static boolean isUdpFrom(byte[] f, int port) {
    ByteBuffer b = ByteBuffer.wrap(f);
    return type(f) == 0x0800 && f[23] == 17 && b.getShort(34) == port && b.getShort(36) == OWN_PORT;
  }

  static byte[] udpPayload(byte[] f) {
    int length = ByteBuffer.wrap(f).getShort(38) - 8;
    return Arrays.copyOfRange(f, ETHERNET + IP + 8, ETHERNET + IP + 8 + length);
  }

  static String text(byte[] f) {
    return new String(udpPayload(f), StandardCharsets.US_ASCII);
  }

  private static byte[] ipv4(byte[] mac, int protocol, byte[] content) {
    ByteBuffer ip = ByteBuffer.allocate(IP).putShort((short) 0x4500);
    ip.putShort((short) (IP + content.length)).putInt(0).put((byte) 64).put((byte) protocol);
    ip.putShort((short) 0).putInt(OWN_IP).putInt(GUEST_IP);
    ip.putShort(10, (short) checksum(ip.array()));
    ByteBuffer frame = ByteBuffer.allocate(Math.max(60, ETHERNET + IP + content.length));
    frame.put(mac).put(OWN_MAC).putShort((short) 0x0800).put(ip.array()).put(content);
    return frame.array();
  }

  private static int type(byte[] f) {
    return ByteBuffer.wrap(f).getShort(12);
  }

  private static int checksum(byte[] even) {
    int sum = 0;
    for (ByteBuffer b = ByteBuffer.wrap(even); b.hasRemaining(); ) {
      sum += b.getShort() & 0xffff;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum & 0xffff;
  }
}
