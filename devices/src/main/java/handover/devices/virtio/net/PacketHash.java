package handover.devices.virtio.net;

import static handover.devices.virtio.net.InternetChecksum.u16;

/**
 * The Toeplitz hash of received packets (virtio 1.2, 5.1.6.4.3): which fields are hashed depends on
 * the packet and on the hash types the driver enabled. Packets are hostile. Not thread-safe.
 */
final class PacketHash {
  static final int IPV4 = 1;
  static final int TCPV4 = 1 << 1;
  static final int UDPV4 = 1 << 2;
  static final int IPV6 = 1 << 3;
  static final int TCPV6 = 1 << 4;
  static final int UDPV6 = 1 << 5;
  static final int IPV6_EX = 1 << 6;
  static final int TCPV6_EX = 1 << 7;
  static final int UDPV6_EX = 1 << 8;
  static final int SUPPORTED = 0x1ff;

  /** Hash report of a packet that no enabled type fits; that of bit {@code n} is n + 1. */
  static final int NONE = 0;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int DESTINATION_OPTIONS = 60;
  private static final int HOME_ADDRESS = 0xc9;
  private static final int ADDRESS = 16;

  private final byte[] input = new byte[2 * ADDRESS + 4];
  private int value;
  private int report;

  // IPv6, while its extension headers are walked.
  private int source;
  private int destination;
  private int protocol;
  private int transport;
  private boolean extended;

  /** The hash. */
  int value() {
    return value;
  }

  /** What was hashed, as hash_report says it. */
  int report() {
    return report;
  }

  /** Hashes a frame. */
  void compute(byte[] frame, int offset, int length, RssConfig rss) {
    value = 0;
    report = NONE;
    int end = offset + length;
    int ip = offset + 14;
    if (length < 14 + 20) {
      return;
    }
    int type = u16(frame, offset + 12);
    if (type == 0x0800) {
      hash4(frame, ip, end, rss);
    } else if (type == 0x86dd && ip + 40 <= end) {
      hash6(frame, ip, end, rss);
    }
  }

  private void hash4(byte[] frame, int ip, int end, RssConfig rss) {
    boolean fragment = (u16(frame, ip + 6) & 0x3fff) != 0;
    int ports = ip + (frame[ip] & 0x0f) * 4;
    int withPorts = fragment || ports + 4 > end ? 0 : withPorts(frame[ip + 9], TCPV4, UDPV4);
    System.arraycopy(frame, ip + 12, input, 0, 8);
    if ((rss.hashTypes & withPorts) != 0) {
      System.arraycopy(frame, ports, input, 8, 4);
      finish(withPorts, 12, rss);
    } else if ((rss.hashTypes & IPV4) != 0) {
      finish(IPV4, 8, rss);
    }
  }

  private void hash6(byte[] frame, int ip, int end, RssConfig rss) {
    walkExtensions(frame, ip, end);
    boolean hasPorts = transport + 4 <= end;
    int extendedPorts = hasPorts ? withPorts(protocol, TCPV6_EX, UDPV6_EX) : 0;
    int plainPorts = hasPorts ? withPorts(protocol, TCPV6, UDPV6) : 0;
    if ((rss.hashTypes & extendedPorts) != 0) {
      addresses(frame, source, destination);
      ports(frame, extendedPorts, rss);
    } else if ((rss.hashTypes & plainPorts) != 0) {
      addresses(frame, ip + 8, ip + 24);
      ports(frame, plainPorts, rss);
    } else if ((rss.hashTypes & IPV6_EX) != 0) {
      addresses(frame, source, destination);
      finish(IPV6_EX, 2 * ADDRESS, rss);
    } else if ((rss.hashTypes & IPV6) != 0) {
      addresses(frame, ip + 8, ip + 24);
      finish(IPV6, 2 * ADDRESS, rss);
    }
  }

  private static int withPorts(int protocol, int tcp, int udp) {
    return protocol == TCP ? tcp : protocol == UDP ? udp : 0;
  }

  private void addresses(byte[] frame, int from, int to) {
    System.arraycopy(frame, from, input, 0, ADDRESS);
    System.arraycopy(frame, to, input, ADDRESS, ADDRESS);
  }

  private void ports(byte[] frame, int type, RssConfig rss) {
    System.arraycopy(frame, transport, input, 2 * ADDRESS, 4);
    finish(type, 2 * ADDRESS + 4, rss);
  }

  /** Finds the transport header, and the addresses that extension headers put in their place. */
  private void walkExtensions(byte[] frame, int ip, int end) {
    source = ip + 8;
    destination = ip + 24;
    protocol = frame[ip + 6] & 0xff;
    transport = ip + 40;
    extended = true;
    while (extended && transport + 8 <= end) {
      step(frame, end);
    }
  }

  private void step(byte[] frame, int end) {
    int at = transport;
    int bytes = ((frame[at + 1] & 0xff) + 1) * 8;
    switch (protocol) {
      case HOP_BY_HOP -> {}
      case ROUTING -> {
        // Type 2, one address, one segment left: the home address of a mobile node (RFC 6275).
        if (bytes == 24 && frame[at + 2] == 2 && frame[at + 3] == 1 && at + bytes <= end) {
          destination = at + 8;
        }
      }
      case DESTINATION_OPTIONS -> findHomeAddress(frame, at + 2, Math.min(at + bytes, end));
      case FRAGMENT -> {
        if ((u16(frame, at + 2) & 0xfff9) != 0) {
          protocol = -1; // Only the first fragment has ports; none of them may be hashed by them.
          extended = false;
          return;
        }
        bytes = 8;
      }
      default -> {
        extended = false;
        return;
      }
    }
    protocol = frame[at] & 0xff;
    transport = at + bytes;
  }

  private void findHomeAddress(byte[] frame, int from, int end) {
    int at = from;
    while (at + 2 <= end) {
      int type = frame[at] & 0xff;
      int bytes = type == 0 ? 1 : 2 + (frame[at + 1] & 0xff);
      if (type == HOME_ADDRESS && bytes == 2 + ADDRESS && at + bytes <= end) {
        source = at + 2;
        return;
      }
      at += bytes;
    }
  }

  private void finish(int type, int length, RssConfig rss) {
    value = toeplitz(rss.key, input, length);
    report = Integer.numberOfTrailingZeros(type) + 1;
  }

  /** XORs the 32 key bits that begin at each input bit that is set. */
  static int toeplitz(byte[] key, byte[] input, int length) {
    int window =
        (key[0] & 0xff) << 24 | (key[1] & 0xff) << 16 | (key[2] & 0xff) << 8 | key[3] & 0xff;
    int hash = 0;
    for (int i = 0; i < length; i++) {
      int next = i + 4 < key.length ? key[i + 4] & 0xff : 0;
      for (int bit = 7; bit >= 0; bit--) {
        if ((input[i] >>> bit & 1) != 0) {
          hash ^= window;
        }
        window = window << 1 | next >>> bit & 1;
      }
    }
    return hash;
  }
}
