package handover.lab;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A TCP segment in an IPv4 packet in an Ethernet frame (RFC 9293, RFC 791), as much of it as one
 * small conversation needs: no IP options, no fragments; TCP options are skipped when reading.
 *
 * @param flags TCP control bits
 * @param sequence first byte's number
 * @param acknowledgment next byte expected
 * @param payload the bytes
 */
record TcpSegment(int flags, int sequence, int acknowledgment, byte[] payload) {
  static final int FIN = 0x01;
  static final int SYN = 0x02;
  static final int RST = 0x04;
  static final int PSH = 0x08;
  static final int ACK = 0x10;

  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int TCP = 20;
  private static final int PROTOCOL_TCP = 6;
  private static final int WINDOW = 32_768;

  /**
   * One end of a conversation.
   *
   * @param mac six bytes
   * @param address IPv4 address
   * @param port TCP port
   */
  record End(byte[] mac, int address, int port) {}

  /** Whether all bits of {@code mask} are set. */
  boolean has(int mask) {
    return (flags & mask) == mask;
  }

  /** The frame that carries this segment. */
  byte[] frame(End from, End to) {
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET + IPV4 + TCP + payload.length);
    frame.put(to.mac()).put(from.mac()).putShort((short) 0x0800);
    frame.putShort((short) 0x4500).putShort((short) (IPV4 + TCP + payload.length));
    frame.putInt(0x4000).put((byte) 64).put((byte) PROTOCOL_TCP).putShort((short) 0);
    frame.putInt(from.address()).putInt(to.address());
    frame.putShort((short) from.port()).putShort((short) to.port());
    frame.putInt(sequence).putInt(acknowledgment);
    frame.putShort((short) (TCP / 4 << 12 | flags)).putShort((short) WINDOW).putInt(0);
    frame.put(payload);
    frame.putShort(ETHERNET + 10, checksum(frame, ETHERNET, IPV4, 0));
    int pseudoHeader = pseudoHeader(from, to, TCP + payload.length);
    frame.putShort(
        ETHERNET + IPV4 + 16, checksum(frame, ETHERNET + IPV4, TCP + payload.length, pseudoHeader));
    return frame.array();
  }

  /** Reads a frame if it is an intact segment from {@code from} to {@code to}. */
  static Optional<TcpSegment> read(byte[] bytes, int offset, int length, End from, End to) {
    if (length < ETHERNET + IPV4 + TCP) {
      return Optional.empty();
    }
    ByteBuffer frame = ByteBuffer.wrap(bytes, offset, length).slice();
    int total = frame.getShort(ETHERNET + 2) & 0xffff;
    boolean ours =
        frame.getShort(12) == 0x0800
            && frame.get(ETHERNET) == 0x45
            && frame.get(ETHERNET + 9) == PROTOCOL_TCP
            && frame.getInt(ETHERNET + 12) == from.address()
            && frame.getInt(ETHERNET + 16) == to.address()
            && (frame.getShort(ETHERNET + IPV4) & 0xffff) == from.port()
            && (frame.getShort(ETHERNET + IPV4 + 2) & 0xffff) == to.port()
            && total >= IPV4 + TCP
            && total <= length - ETHERNET;
    if (!ours || damaged(frame, total, from, to)) {
      return Optional.empty();
    }
    int header = (frame.get(ETHERNET + IPV4 + 12) >> 4 & 0xf) * 4;
    if (header < TCP || header > total - IPV4) {
      return Optional.empty();
    }
    byte[] payload = new byte[total - IPV4 - header];
    frame.get(ETHERNET + IPV4 + header, payload);
    return Optional.of(
        new TcpSegment(
            frame.get(ETHERNET + IPV4 + 13) & 0x3f,
            frame.getInt(ETHERNET + IPV4 + 4),
            frame.getInt(ETHERNET + IPV4 + 8),
            payload));
  }

  private static boolean damaged(ByteBuffer frame, int total, End from, End to) {
    int length = total - IPV4;
    return checksum(frame, ETHERNET + IPV4, length, pseudoHeader(from, to, length)) != 0;
  }

  private static int pseudoHeader(End from, End to, int length) {
    return (from.address() >>> 16)
        + (from.address() & 0xffff)
        + (to.address() >>> 16)
        + (to.address() & 0xffff)
        + PROTOCOL_TCP
        + length;
  }

  /** The Internet checksum (RFC 1071) of {@code length} bytes at {@code start}, on top of a sum. */
  private static short checksum(ByteBuffer frame, int start, int length, int initial) {
    int sum = initial;
    for (int i = 0; i + 1 < length; i += 2) {
      sum += frame.getShort(start + i) & 0xffff;
    }
    if ((length & 1) != 0) {
      sum += (frame.get(start + length - 1) & 0xff) << 8;
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
