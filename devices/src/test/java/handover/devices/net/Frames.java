package handover.devices.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Ethernet frames for tests, and a sink that keeps what it gets. */
final class Frames implements Netdev.FrameSink {
  final List<byte[]> got = new CopyOnWriteArrayList<>();

  @Override
  public boolean deliver(byte[] frame, int offset, int length) {
    got.add(java.util.Arrays.copyOfRange(frame, offset, offset + length));
    return true;
  }

  /** A frame between two locally administered addresses. */
  static byte[] frame(int destination, int source, int payload) {
    byte[] frame = new byte[14 + payload];
    address(frame, 0, destination);
    address(frame, 6, source);
    for (int i = 14; i < frame.length; i++) {
      frame[i] = (byte) (i * 7 + source);
    }
    return frame;
  }

  private static void address(byte[] frame, int offset, int number) {
    java.util.Arrays.fill(frame, offset, offset + 6, (byte) (number < 0 ? 0xff : 0));
    if (number >= 0) {
      frame[offset] = 2;
      frame[offset + 4] = (byte) (number >> 8);
      frame[offset + 5] = (byte) number;
    }
  }
}
