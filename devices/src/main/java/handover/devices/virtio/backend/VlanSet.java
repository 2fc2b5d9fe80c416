package handover.devices.virtio.backend;

import java.util.BitSet;

/** An immutable set of VLAN numbers, 0 to 4095. */
public final class VlanSet {
  /** Numbers there are. */
  public static final int NUMBERS = 4096;

  /** What a device with a VLAN filter lets pass after a reset. */
  public static final VlanSet NONE = new VlanSet(new BitSet());

  /** What a device without one lets pass. */
  public static final VlanSet ALL = of(range());

  private final BitSet numbers;

  private VlanSet(BitSet numbers) {
    this.numbers = numbers;
  }

  /** A copy of {@code numbers}. */
  public static VlanSet of(BitSet numbers) {
    if (numbers.length() > NUMBERS) {
      throw new IllegalArgumentException("VLAN " + (numbers.length() - 1));
    }
    return new VlanSet((BitSet) numbers.clone());
  }

  /** Whether {@code number} is in it. */
  public boolean contains(int number) {
    return numbers.get(number);
  }

  /** This set with {@code number} in it, or not. */
  public VlanSet with(int number, boolean in) {
    BitSet changed = (BitSet) numbers.clone();
    changed.set(number, in);
    return of(changed);
  }

  /** The numbers in only one of the two sets. */
  BitSet differences(VlanSet other) {
    BitSet different = (BitSet) numbers.clone();
    different.xor(other.numbers);
    return different;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VlanSet set && numbers.equals(set.numbers);
  }

  @Override
  public int hashCode() {
    return numbers.hashCode();
  }

  @Override
  public String toString() {
    return numbers.cardinality() == NUMBERS ? "all" : numbers.toString();
  }

  private static BitSet range() {
    BitSet all = new BitSet(NUMBERS);
    all.set(0, NUMBERS);
    return all;
  }
}
