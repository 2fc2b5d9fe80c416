package handover.devices.virtio.net;

import java.util.Arrays;
import java.util.function.ObjIntConsumer;

/** Frames that tell switches where an address is now. */
final class Announcement {
  private static final int BYTES = 60;
  private static final int TYPE_RARP = 0x8035;
  private static final int REVERSE_REQUEST = 3;

  private Announcement() {}

  /**
   * Names every unicast address of the guest to {@code send}: an array, and where in it six bytes
   * are one.
   */
  static void ofAll(NetControl control, ObjIntConsumer<byte[]> send) {
    for (int i = 0; i < control.tableEntries; i++) {
      int at = i * NetControl.MAC_BYTES;
      if ((control.table[at] & 1) == 0) {
        send.accept(control.table, at);
      }
    }
    // Last, since a source that is forwarding takes it for the end of all of them.
    send.accept(control.mac, 0);
  }

  /** Whether {@code frame} announces {@code mac}, as {@link #rarp} does. */
  static boolean isOf(byte[] mac, byte[] frame, int offset, int length) {
    return length >= 38
        && InternetChecksum.u16(frame, offset + 12) == TYPE_RARP
        && InternetChecksum.u16(frame, offset + 20) == REVERSE_REQUEST
        && Arrays.equals(mac, 0, 6, frame, offset + 6, offset + 12)
        && Arrays.equals(mac, 0, 6, frame, offset + 22, offset + 28);
  }

  /** A reverse ARP request (RFC 903) broadcast by {@code mac} about itself, padded to 60 bytes. */
  static byte[] rarp(byte[] mac, int offset) {
    byte[] frame = new byte[BYTES];
    Arrays.fill(frame, 0, 6, (byte) 0xff);
    System.arraycopy(mac, offset, frame, 6, 6);
    InternetChecksum.u16(frame, 12, TYPE_RARP);
    InternetChecksum.u16(frame, 14, 1);
    InternetChecksum.u16(frame, 16, 0x0800);
    frame[18] = 6;
    frame[19] = 4;
    InternetChecksum.u16(frame, 20, REVERSE_REQUEST);
    System.arraycopy(mac, offset, frame, 22, 6);
    System.arraycopy(mac, offset, frame, 32, 6);
    return frame;
  }
}
