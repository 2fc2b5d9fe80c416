package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Matching, priority and locks of physical memory protection. */
class PmpTest {
  private static final int R = 1;
  private static final int RW = 3;
  private static final int TOR = 1 << 3;
  private static final int NA4 = 2 << 3;
  private static final int NAPOT = 3 << 3;
  private static final int LOCK = 0x80;

  private final Pmp pmp = new Pmp();

  private void entry(int index, long address, int config) {
    pmp.writeAddress(index, address);
    int group = index & ~7;
    int shift = 8 * (index & 7);
    pmp.writePackedConfig(
        group, pmp.packedConfig(group) & ~(0xffL << shift) | (long) config << shift);
  }

  private int user(long start, long length) {
    return pmp.permissions(start, length, Privilege.USER);
  }

  @Test
  void withoutAMatchOnlyMachineModeMayAccess() {
    assertThat(user(0x8000_0000L, 8)).isZero();
    assertThat(pmp.permissions(0x8000_0000L, 8, Privilege.MACHINE)).isEqualTo(7);
  }

  @Property
  void aPowerOfTwoRegionCoversItselfAndNothingElse(@ForAll @IntRange(min = 3, max = 40) int log) {
    long size = 1L << log;
    long base = size * 5;
    entry(0, base >>> 2 | (size >>> 3) - 1, NAPOT | RW);
    assertThat(user(base, 4)).isEqualTo(RW);
    assertThat(user(base + size - 4, 4)).isEqualTo(RW);
    assertThat(user(base - 4, 4)).isZero();
    assertThat(user(base + size, 4)).isZero();
    assertThat(user(base + size - 4, 8)).isEqualTo(Pmp.PARTIAL);
    assertThat(user(base - 4, 8)).isEqualTo(Pmp.PARTIAL);
  }

  @Test
  void allOnesCoversEverything() {
    entry(0, -1, NAPOT | 7);
    assertThat(user(0, 8)).isEqualTo(7);
    assertThat(user((1L << 56) - 8, 8)).isEqualTo(7);
  }

  @Test
  void topOfRangeStartsAtTheEntryBelow() {
    entry(2, 0x1000 >> 2, 0);
    entry(3, 0x2000 >> 2, TOR | R);
    assertThat(user(0x1000, 4)).isEqualTo(R);
    assertThat(user(0x1ffc, 4)).isEqualTo(R);
    assertThat(user(0xffc, 4)).isZero();
    assertThat(user(0x2000, 4)).isZero();
  }

  @Test
  void anEmptyRangeMatchesNothing() {
    entry(2, 0x2000 >> 2, 0);
    entry(3, 0x1000 >> 2, TOR | R);
    assertThat(user(0x1800, 4)).isZero();
  }

  @Test
  void theLowestEntryDecides() {
    entry(4, 0x1000 >> 2, NA4);
    entry(5, -1, NAPOT | 7);
    assertThat(user(0x1000, 4)).isZero();
    assertThat(user(0x1004, 4)).isEqualTo(7);
    assertThat(user(0x1000, 8)).isEqualTo(Pmp.PARTIAL);
  }

  @Test
  void aLockBindsMachineModeAndHoldsUntilReset() {
    entry(0, -1, NAPOT | R | LOCK);
    assertThat(pmp.permissions(0, 8, Privilege.MACHINE)).isEqualTo(R);
    entry(0, 0, 0);
    assertThat(pmp.config(0)).isEqualTo(NAPOT | R | LOCK);
    pmp.reset();
    assertThat(pmp.permissions(0, 8, Privilege.MACHINE)).isEqualTo(7);
  }

  @Test
  void aLockedTopOfRangeLocksItsLowerBound() {
    entry(1, 0x2000 >> 2, TOR | LOCK);
    pmp.writeAddress(0, 0x1000 >> 2);
    assertThat(pmp.address(0)).isZero();
  }

  @Test
  void writeWithoutReadIsReservedAndIgnored() {
    entry(0, -1, NAPOT | 7);
    entry(0, -1, NAPOT | 2);
    assertThat(pmp.config(0)).isEqualTo(NAPOT | 7);
  }

  @Test
  void sixteenEntriesWork() {
    entry(15, -1, NAPOT | 7);
    assertThat(user(0x1234, 4)).isEqualTo(7);
    assertThat(pmp.packedConfig(8) >>> 56).isEqualTo(NAPOT | 7);
  }
}
