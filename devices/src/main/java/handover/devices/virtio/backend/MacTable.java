package handover.devices.virtio.backend;

import java.util.List;

/**
 * The address filter (virtio 1.2, 5.1.6.5.2).
 *
 * @param entries addresses in the order they were given, at most {@link #CAPACITY}
 * @param unicastOverflow the unicast list did not fit: every unicast address passes
 * @param multicastOverflow the multicast list did not fit: every multicast address passes
 */
public record MacTable(
    List<MacAddress> entries, boolean unicastOverflow, boolean multicastOverflow) {
  /** Entries a device has; one list longer than this overflows. */
  public static final int CAPACITY = 64;

  /** The table after a reset. */
  public static final MacTable EMPTY = new MacTable(List.of(), false, false);

  /** Copies. */
  public MacTable {
    entries = List.copyOf(entries);
  }

  /**
   * What the command's unicast list must be to arrive at this table. A list that overflowed is not
   * kept by anybody, so one that overflows again stands for it.
   */
  List<MacAddress> unicastList() {
    if (unicastOverflow) {
      return tooMany();
    }
    return entries.subList(0, multicastOverflow ? entries.size() : firstMulticast());
  }

  /** What the command's multicast list must be to arrive at this table. */
  List<MacAddress> multicastList() {
    if (multicastOverflow) {
      return tooMany();
    }
    return entries.subList(unicastOverflow ? 0 : firstMulticast(), entries.size());
  }

  private int firstMulticast() {
    int i = 0;
    while (i < entries.size() && !entries.get(i).multicast()) {
      i++;
    }
    return i;
  }

  private static List<MacAddress> tooMany() {
    return java.util.Collections.nCopies(CAPACITY + 1, MacAddress.UNKNOWN);
  }
}
