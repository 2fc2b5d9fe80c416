package handover.devices.virtio.net;

import static handover.devices.virtio.net.InternetChecksum.finish;
import static handover.devices.virtio.net.InternetChecksum.sum;
import static handover.devices.virtio.net.InternetChecksum.u16;
import static handover.devices.virtio.net.InternetChecksum.u32;

import handover.devices.net.Netdev;

/**
 * Turns what a driver transmits into plain frames: completes partial checksums and cuts large TCP
 * segments, because the wire behind a plain netdev knows no offloads.
 *
 * <p>Offsets in the header are the driver's and may be anything; a packet that does not fit its
 * header is refused, never half sent. Not thread-safe.
 */
final class Transmission {
  private static final int ETHERNET_HEADER = 14;
  private static final int VLAN_TAG = 4;
  private static final int TYPE_IPV4 = 0x0800;
  private static final int TYPE_IPV6 = 0x86dd;
  private static final int TYPE_VLAN = 0x8100;
  private static final int TYPE_SERVICE_VLAN = 0x88a8;
  private static final int PROTOCOL_TCP = 6;
  private static final int TCP_HEADER = 20;
  private static final int TCP_CHECKSUM = 16;
  private static final int FIN_AND_PSH = 0x09;
  private static final int CWR = 0x80;

  /** More pieces than this from one packet is an attack on the monitor's time, not TCP. */
  private static final int MAX_SEGMENTS = 2048;

  private final byte[] segment = new byte[65550];
  private Netdev out;
  private byte[] packet;
  private int length;

  // Where the packet's headers are, while one is being segmented.
  private boolean ipv6;
  private int ipOffset;
  private int tcpOffset;
  private int payloadOffset;

  /**
   * Sends one packet.
   *
   * @param features what the driver negotiated: only those offloads are done
   * @return false if header and packet do not fit together; nothing was sent then
   */
  boolean send(NetHeader header, byte[] frame, int bytes, long features, Netdev netdev) {
    packet = frame;
    length = bytes;
    out = netdev;
    if (bytes < ETHERNET_HEADER) {
      return false;
    }
    return switch (header.segmentation()) {
      case NetHeader.GSO_NONE -> sendWhole(header, features);
      case NetHeader.GSO_TCPV4 ->
          (features & NetFeatures.HOST_TSO4) != 0 && sendSegments(header, false);
      case NetHeader.GSO_TCPV6 ->
          (features & NetFeatures.HOST_TSO6) != 0 && sendSegments(header, true);
      default -> false;
    };
  }

  private boolean sendWhole(NetHeader header, long features) {
    if (header.needsChecksum()) {
      int field = header.csumStart + header.csumOffset;
      if ((features & NetFeatures.CSUM) == 0 || header.csumStart > length || field + 2 > length) {
        return false;
      }
      int checksum = finish(sum(packet, header.csumStart, length - header.csumStart));
      // To UDP a zero means "no checksum"; the other zero of one's complement serves everybody.
      u16(packet, field, checksum == 0 ? 0xffff : checksum);
    }
    out.send(packet, 0, length);
    return true;
  }

  private boolean sendSegments(NetHeader header, boolean six) {
    ipv6 = six;
    if (header.gsoSize == 0 || !findHeaders(header)) {
      return false;
    }
    int payload = length - payloadOffset;
    int count = Math.max(1, Math.ceilDiv(payload, header.gsoSize));
    if (count > MAX_SEGMENTS) {
      return false;
    }
    System.arraycopy(packet, 0, segment, 0, payloadOffset);
    for (int i = 0; i < count; i++) {
      int from = i * header.gsoSize;
      sendSegment(i, from, Math.min(header.gsoSize, payload - from), i == count - 1);
    }
    return true;
  }

  private void sendSegment(int number, int from, int bytes, boolean last) {
    System.arraycopy(packet, payloadOffset + from, segment, payloadOffset, bytes);
    int end = payloadOffset + bytes;
    int flags = packet[tcpOffset + 13] & 0xff;
    if (!last) {
      flags &= ~FIN_AND_PSH;
    }
    if (number > 0) {
      flags &= ~CWR;
    }
    segment[tcpOffset + 13] = (byte) flags;
    u32(segment, tcpOffset + 4, u32(packet, tcpOffset + 4) + from);
    if (ipv6) {
      u16(segment, ipOffset + 4, end - ipOffset - 40);
    } else {
      u16(segment, ipOffset + 2, end - ipOffset);
      u16(segment, ipOffset + 4, u16(packet, ipOffset + 4) + number);
      u16(segment, ipOffset + 10, 0);
      u16(segment, ipOffset + 10, finish(sum(segment, ipOffset, tcpOffset - ipOffset)));
    }
    u16(segment, tcpOffset + TCP_CHECKSUM, 0);
    int tcpBytes = end - tcpOffset;
    u16(
        segment,
        tcpOffset + TCP_CHECKSUM,
        finish(addresses() + PROTOCOL_TCP + tcpBytes + sum(segment, tcpOffset, tcpBytes)));
    out.send(segment, 0, end);
  }

  /** The addresses' share of TCP's pseudo header. */
  private long addresses() {
    return ipv6 ? sum(segment, ipOffset + 8, 32) : sum(segment, ipOffset + 12, 8);
  }

  private boolean findHeaders(NetHeader header) {
    ipOffset = ETHERNET_HEADER;
    int type = u16(packet, 12);
    while ((type == TYPE_VLAN || type == TYPE_SERVICE_VLAN)
        && ipOffset + VLAN_TAG <= length
        && ipOffset < ETHERNET_HEADER + 2 * VLAN_TAG) {
      type = u16(packet, ipOffset + 2);
      ipOffset += VLAN_TAG;
    }
    if (type != (ipv6 ? TYPE_IPV6 : TYPE_IPV4) || ipOffset + 40 > length) {
      return false;
    }
    return (ipv6 ? findTcp6(header) : findTcp4()) && findPayload();
  }

  private boolean findTcp4() {
    int headerBytes = (packet[ipOffset] & 0x0f) * 4;
    tcpOffset = ipOffset + headerBytes;
    return packet[ipOffset] >>> 4 == 4 && headerBytes >= 20 && packet[ipOffset + 9] == PROTOCOL_TCP;
  }

  /** Extension headers may precede TCP; the driver says where it begins. */
  private boolean findTcp6(NetHeader header) {
    tcpOffset = header.needsChecksum() ? header.csumStart : ipOffset + 40;
    return (packet[ipOffset] & 0xf0) == 0x60
        && tcpOffset >= ipOffset + 40
        && (tcpOffset > ipOffset + 40 || packet[ipOffset + 6] == PROTOCOL_TCP);
  }

  private boolean findPayload() {
    if (tcpOffset + TCP_HEADER > length) {
      return false;
    }
    int headerBytes = (packet[tcpOffset + 12] >>> 4 & 0x0f) * 4;
    payloadOffset = tcpOffset + headerBytes;
    return headerBytes >= TCP_HEADER && payloadOffset <= length;
  }
}
