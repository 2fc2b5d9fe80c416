package handover.devices.virtio.net;

import static handover.devices.virtio.net.InternetChecksum.u16;
import static handover.devices.virtio.net.InternetChecksum.u32;

/**
 * Spreads received frames over queue pairs. Both directions of a flow hash alike, so that a flow's
 * answers meet the queue that its requests went through, and a flow never changes its queue.
 */
final class FlowHash {
  private FlowHash() {}

  /** A queue pair from 0 to {@code pairs - 1}. */
  static int pair(byte[] frame, int offset, int length, int pairs) {
    return pairs == 1 ? 0 : Integer.remainderUnsigned(mix(hash(frame, offset, length)), pairs);
  }

  private static int hash(byte[] frame, int offset, int length) {
    if (length < 14 + 20) {
      return 0;
    }
    int ip = offset + 14;
    return switch (u16(frame, offset + 12)) {
      case 0x0800 -> hash4(frame, ip, offset + length);
      case 0x86dd -> hash6(frame, ip, offset + length);
      default -> 0;
    };
  }

  private static int hash4(byte[] frame, int ip, int end) {
    int addresses = u32(frame, ip + 12) ^ u32(frame, ip + 16);
    boolean fragment = (u16(frame, ip + 6) & 0x3fff) != 0;
    return fragment
        ? addresses
        : addresses ^ ports(frame, ip + (frame[ip] & 0x0f) * 4, frame[ip + 9], end);
  }

  private static int hash6(byte[] frame, int ip, int end) {
    if (ip + 40 > end) {
      return 0;
    }
    int addresses = 0;
    for (int i = 8; i < 40; i += 4) {
      addresses ^= u32(frame, ip + i);
    }
    return addresses ^ ports(frame, ip + 40, frame[ip + 6], end);
  }

  private static int ports(byte[] frame, int at, int protocol, int end) {
    boolean hasPorts = protocol == 6 || protocol == 17;
    return hasPorts && at + 4 <= end ? u16(frame, at) ^ u16(frame, at + 2) : 0;
  }

  private static int mix(int hash) {
    int h = hash;
    h = (h ^ h >>> 16) * 0x7feb352d;
    h = (h ^ h >>> 15) * 0x846ca68b;
    return h ^ h >>> 16;
  }
}
