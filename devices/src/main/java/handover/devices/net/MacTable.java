package handover.devices.net;

/**
 * Which port each address was last seen on. Fixed in size, so that a flood of made-up addresses
 * costs others at worst a flooded frame: the longest unused of eight entries gives way.
 *
 * <p>Not thread-safe.
 */
final class MacTable<P> {
  private static final int WAYS = 8;
  private static final int SETS = 1024;

  private final long[] addresses = new long[SETS * WAYS];
  private final Object[] ports = new Object[SETS * WAYS];
  private final long[] stamps = new long[SETS * WAYS];
  private long clock;

  /** The port of {@code address}, or null. */
  @SuppressWarnings("unchecked")
  P find(long address) {
    int slot = slot(address);
    return slot < 0 ? null : (P) ports[slot];
  }

  /** Notes that {@code address} is behind {@code port}; returns the port it was behind, or null. */
  @SuppressWarnings("unchecked")
  P learn(long address, P port) {
    int slot = slot(address);
    P before = slot < 0 ? null : (P) ports[slot];
    if (slot < 0) {
      slot = oldest(address);
      addresses[slot] = address;
    }
    ports[slot] = port;
    stamps[slot] = ++clock;
    return before;
  }

  /** Forgets every address behind {@code port}. */
  void forget(P port) {
    for (int i = 0; i < ports.length; i++) {
      if (port.equals(ports[i])) {
        ports[i] = null;
        stamps[i] = 0;
      }
    }
  }

  /** The 48-bit address at {@code offset}. */
  static long address(byte[] frame, int offset) {
    long address = 0;
    for (int i = 0; i < 6; i++) {
      address = address << 8 | frame[offset + i] & 0xff;
    }
    return address;
  }

  private int slot(long address) {
    int base = base(address);
    for (int i = base; i < base + WAYS; i++) {
      if (addresses[i] == address && ports[i] != null) {
        return i;
      }
    }
    return -1;
  }

  private int oldest(long address) {
    int base = base(address);
    int oldest = base;
    for (int i = base + 1; i < base + WAYS; i++) {
      if (stamps[i] < stamps[oldest]) {
        oldest = i;
      }
    }
    return oldest;
  }

  private static int base(long address) {
    return (int) (address * 0x9e3779b97f4a7c15L >>> 54) * WAYS;
  }
}
