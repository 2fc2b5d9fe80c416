package handover.devices;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which device answers at a guest-physical address. Filled while the machine is built; read by
 * every hart without a lock afterwards.
 */
public final class MmioBus {
  /**
   * A device at its place.
   *
   * @param base guest-physical address of its first register
   * @param device who answers
   * @param size bytes taken
   */
  public record Mapping(long base, MmioDevice device, long size) {
    /** Reads; the range was checked by {@link MmioBus#find}. */
    public long load(long address, int bytes) {
      return device.load(address - base, bytes);
    }

    /** Writes; the range was checked by {@link MmioBus#find}. */
    public void store(long address, int bytes, long value) {
      device.store(address - base, bytes, value);
    }

    private boolean contains(long address, int bytes) {
      long offset = address - base;
      return offset >= 0 && offset <= size - bytes;
    }
  }

  private Mapping[] mappings = new Mapping[0];

  /** Where the last access went: a race only costs a search, for mappings never change. */
  private Mapping lastHit;

  /**
   * Places a device.
   *
   * @throws IllegalArgumentException if the base is negative or not 8-byte aligned, or the range
   *     overlaps another device
   */
  public void map(long base, MmioDevice device) {
    long size = device.size();
    if (base < 0 || size <= 0 || (base & 7) != 0) {
      throw new IllegalArgumentException(
          "%s: cannot be placed at 0x%x with size %d".formatted(device.name(), base, size));
    }
    for (Mapping other : mappings) {
      if (base < other.base() + other.size() && other.base() < base + size) {
        throw new IllegalArgumentException(
            "%s at 0x%x overlaps %s at 0x%x"
                .formatted(device.name(), base, other.device().name(), other.base()));
      }
    }
    Mapping[] grown = Arrays.copyOf(mappings, mappings.length + 1);
    grown[mappings.length] = new Mapping(base, device, size);
    Arrays.sort(grown, Comparator.comparingLong(Mapping::base));
    mappings = grown;
  }

  /** All devices, by address. */
  public List<Mapping> mappings() {
    return List.of(mappings);
  }

  /**
   * The device that takes a whole access, without allocating.
   *
   * @param bytes 1, 2, 4 or 8
   * @return null when no device holds the range or the address is not naturally aligned: the hart
   *     takes an access fault
   */
  public Mapping find(long address, int bytes) {
    if ((address & (bytes - 1)) != 0) {
      return null;
    }
    Mapping last = lastHit;
    return last != null && last.contains(address, bytes) ? last : search(address, bytes);
  }

  private Mapping search(long address, int bytes) {
    int low = 0;
    int high = mappings.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Mapping candidate = mappings[middle];
      if (candidate.contains(address, bytes)) {
        lastHit = candidate;
        return candidate;
      }
      if (address < candidate.base()) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return null;
  }
}
