package handover.devices.virtio.net;

import handover.devices.virtio.DescriptorChain;

/**
 * Reads the two commands that configure hashing (virtio 1.2, 5.1.6.5.6.4 and 5.1.6.5.7.1). Any of
 * them first switches off what was configured before, as a change of queue pairs does. Linux sends
 * a byte of its structure's padding behind the key; what is there is not looked at.
 */
final class RssCommands {
  private static final int HEADER = 2;

  private final NetControl control;
  private final int maxQueuePairs;
  private final byte[] head = new byte[8];
  private final byte[] tail = new byte[3];
  private final byte[] table = new byte[2 * RssConfig.MAX_TABLE];
  private final byte[] key = new byte[RssConfig.MAX_KEY_BYTES];

  RssCommands(NetControl control, int maxQueuePairs) {
    this.control = control;
    this.maxQueuePairs = maxQueuePairs;
  }

  /**
   * Carries one out; false if it is malformed, and nothing has changed then.
   *
   * @param bytes of data behind the command's two
   * @param steer whether the hash chooses queues too
   */
  boolean handle(DescriptorChain chain, int bytes, boolean steer, boolean report) {
    if (bytes < head.length) {
      return false;
    }
    chain.read(HEADER, head, 0, head.length);
    int length = steer ? NetHeader.u16(head, 4) + 1 : 1;
    int defaultPair = steer ? NetHeader.u16(head, 6) : 0;
    // Without steering, reserved words stand for a table of one entry and the transmit queues.
    int tailAt = head.length + 2 * length;
    if (!RssConfig.lengthAllowed(length)
        || defaultPair >= maxQueuePairs
        || bytes < tailAt + tail.length) {
      return false;
    }
    chain.read(HEADER + tailAt, tail, 0, tail.length);
    int pairs = steer ? NetHeader.u16(tail, 0) : control.queuePairs;
    int keyBytes = tail[2] & 0xff;
    long types = NetHeader.u16(head, 0) | (long) NetHeader.u16(head, 2) << 16;
    if (pairs < 1
        || pairs > maxQueuePairs
        || keyBytes > RssConfig.MAX_KEY_BYTES
        || keyBytes == 0 && types != 0
        || bytes < tailAt + tail.length + keyBytes
        || steer && !readTable(chain, length)) {
      return false;
    }
    chain.read(HEADER + tailAt + tail.length, key, 0, keyBytes);
    control.queuePairs = pairs;
    control.rss.disable();
    if (keyBytes > 0) {
      enable((int) types, length, defaultPair, keyBytes, steer, report);
    }
    return true;
  }

  private boolean readTable(DescriptorChain chain, int length) {
    chain.read(HEADER + head.length, table, 0, 2 * length);
    for (int i = 0; i < length; i++) {
      if (NetHeader.u16(table, 2 * i) >= maxQueuePairs) {
        return false;
      }
    }
    return true;
  }

  private void enable(
      int types, int length, int defaultPair, int keyBytes, boolean steer, boolean report) {
    RssConfig rss = control.rss;
    rss.enabled = true;
    rss.redirect = steer;
    rss.report = report;
    rss.hashTypes = types & PacketHash.SUPPORTED;
    rss.defaultPair = defaultPair;
    rss.tableLength = length;
    System.arraycopy(key, 0, rss.key, 0, keyBytes);
    for (int i = 0; steer && i < length; i++) {
      rss.table[i] = (short) NetHeader.u16(table, 2 * i);
    }
  }
}
