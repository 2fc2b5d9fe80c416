package handover.devices.virtio.net;

import java.util.Arrays;

/**
 * How received packets are hashed, and where the hash sends them (virtio 1.2, 5.1.6.5.6 and
 * 5.1.6.5.7). Blank while disabled, so that equal behaviour is equal state. A plain value.
 */
final class RssConfig {
  static final int MAX_KEY_BYTES = 40;
  static final int MAX_TABLE = 128;

  boolean enabled;

  /** The hash chooses the queue; without it hashes are only reported. */
  boolean redirect;

  /** Hashes are written into packet headers. */
  boolean report;

  int hashTypes;
  int defaultPair;
  int tableLength;
  final byte[] key = new byte[MAX_KEY_BYTES];
  final short[] table = new short[MAX_TABLE];

  void disable() {
    enabled = false;
    redirect = false;
    report = false;
    hashTypes = 0;
    defaultPair = 0;
    tableLength = 0;
    Arrays.fill(key, (byte) 0);
    Arrays.fill(table, (short) 0);
  }

  void copyFrom(RssConfig other) {
    enabled = other.enabled;
    redirect = other.redirect;
    report = other.report;
    hashTypes = other.hashTypes;
    defaultPair = other.defaultPair;
    tableLength = other.tableLength;
    System.arraycopy(other.key, 0, key, 0, key.length);
    System.arraycopy(other.table, 0, table, 0, table.length);
  }

  /** Whether a table can be so long: a power of two, as it is indexed by a mask. */
  static boolean lengthAllowed(long length) {
    return length > 0 && length <= MAX_TABLE && Long.bitCount(length) == 1;
  }

  /** The queue pair for a packet. */
  int pair(int hash, int hashReport) {
    return hashReport == PacketHash.NONE ? defaultPair : table[hash & tableLength - 1] & 0xffff;
  }
}
