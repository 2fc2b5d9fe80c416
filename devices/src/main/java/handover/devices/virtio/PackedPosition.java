package handover.devices.virtio;

/**
 * A place in a packed ring (virtio 1.2, 2.8): an index, with the wrap counter in bit 15, in 16 bits
 * of an int. The counter is 1 in the first lap and turns with each.
 */
final class PackedPosition {
  /** Index 0 of the first lap. */
  static final int START = 0x8000;

  static final int WRAP = 0x8000;
  static final int INDEX = 0x7fff;

  private PackedPosition() {}

  /** Whether a ring of {@code size} entries has the index of {@code position}. */
  static boolean fits(int position, int size) {
    return (position & INDEX) < size;
  }

  /** So many entries further, at most a lap. */
  static int after(int position, int entries, int size) {
    int to = (position & INDEX) + entries;
    return to < size ? position & WRAP | to : position & WRAP ^ WRAP | to - size;
  }

  /** So many entries back, at most a lap. */
  static int before(int position, int entries, int size) {
    int to = (position & INDEX) - entries;
    return to >= 0 ? position & WRAP | to : position & WRAP ^ WRAP | to + size;
  }

  /**
   * Entries from one to the other; below 0 or above {@code size} if they cannot belong together.
   */
  static int entriesBetween(int from, int to, int size) {
    int laps = (from & WRAP) == (to & WRAP) ? 0 : size;
    return (to & INDEX) - (from & INDEX) + laps;
  }
}
