package handover.devices.virtio.net;

import handover.devices.net.Netdev;
import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.Features;
import handover.devices.virtio.VirtioFault;
import handover.devices.virtio.Virtqueue;

/** Moves packets from transmit queues to the wire. Used under the device's lock. */
final class Transmitter {
  /** Work of one visit, so that the lock is free again soon. */
  private static final int PACKETS = 64;

  private static final int BYTES = 256 << 10;
  private static final int MAX_PACKET = 65550;

  private final Netdev netdev;
  private final Transmission transmission = new Transmission();
  private final NetHeader header = new NetHeader();
  private final byte[] headerBytes = new byte[NetHeader.HASH_BYTES];
  private final byte[] packet = new byte[MAX_PACKET];
  private long sent;
  private long malformed;

  Transmitter(Netdev netdev) {
    this.netdev = netdev;
  }

  /** Sends what is available; true if there is more. With the link down, packets just vanish. */
  boolean run(Virtqueue queue, long features, boolean linkUp) {
    queue.disableKicks();
    int headerLength = headerLength(features);
    int bytes = 0;
    DescriptorChain chain = null;
    for (int i = 0; i < PACKETS && bytes < BYTES && (chain = queue.pop()) != null; i++) {
      bytes += chain.readable();
      if (linkUp) {
        send(chain, headerLength, features);
      }
      queue.push(chain, 0);
    }
    netdev.flush();
    queue.publish();
    return chain != null || queue.enableKicks();
  }

  /** Bytes of the header before each packet (virtio 1.2, 5.1.6.1). */
  static int headerLength(long features) {
    if ((features & NetFeatures.HASH_REPORT) != 0) {
      return NetHeader.HASH_BYTES;
    }
    boolean full = (features & (NetFeatures.MRG_RXBUF | Features.VERSION_1)) != 0;
    return full ? NetHeader.BYTES : NetHeader.LEGACY_BYTES;
  }

  /** Packets taken from the driver. */
  long sent() {
    return sent;
  }

  /** Packets that did not fit their own header, which nobody could send. */
  long malformed() {
    return malformed;
  }

  private void send(DescriptorChain chain, int headerLength, long features) {
    int length = chain.readable() - headerLength;
    if (length < 0) {
      throw new VirtioFault(
          "a transmit buffer of %d bytes has no room for the header of %d"
              .formatted(chain.readable(), headerLength));
    }
    sent++;
    if (length > MAX_PACKET) {
      malformed++;
      return;
    }
    chain.read(0, headerBytes, 0, headerLength);
    chain.read(headerLength, packet, 0, length);
    header.parse(headerBytes);
    if (!transmission.send(header, packet, length, features, netdev)) {
      malformed++;
    }
  }
}
