package handover.devices.virtio.net;

import java.util.Arrays;

/**
 * The driver's wish for fewer interrupts, per queue (virtio 1.3, 5.1.6.5.10): one after so many
 * packets, or so many microseconds after the first. A plain value; even queues receive.
 */
final class Coalescing {
  final int[] packets;
  final int[] microseconds;

  /** Nothing is put off, for {@code queues} receive and transmit queues. */
  Coalescing(int queues) {
    packets = new int[queues];
    microseconds = new int[queues];
  }

  void reset() {
    Arrays.fill(packets, 0);
    Arrays.fill(microseconds, 0);
  }

  void copyFrom(Coalescing other) {
    System.arraycopy(other.packets, 0, packets, 0, packets.length);
    System.arraycopy(other.microseconds, 0, microseconds, 0, microseconds.length);
  }

  /** Sets every receive queue (direction 0) or transmit queue (1). */
  void setAll(int direction, int maxPackets, int maxMicroseconds) {
    for (int i = direction; i < packets.length; i += 2) {
      packets[i] = maxPackets;
      microseconds[i] = maxMicroseconds;
    }
  }

  /** Whether all queues of each direction are alike. */
  boolean uniform() {
    for (int i = 2; i < packets.length; i++) {
      if (packets[i] != packets[i & 1] || microseconds[i] != microseconds[i & 1]) {
        return false;
      }
    }
    return true;
  }

  /** Whether nothing is put off. */
  boolean isOff() {
    for (int i = 0; i < packets.length; i++) {
      if ((packets[i] | microseconds[i]) != 0) {
        return false;
      }
    }
    return true;
  }
}
