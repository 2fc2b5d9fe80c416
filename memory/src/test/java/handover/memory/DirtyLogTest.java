package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DirtyLogTest {
  private static final int PAGES = 200;

  @Test
  void theFirstRoundHasEveryPageAndNoMore() {
    DirtyLog log = new DirtyLog((long) PAGES << DirtyLog.PAGE_SHIFT);
    log.mark(5 << 12);
    log.start();
    assertThat(log.dirty(17 << 12)).isTrue();
    long[] into = log.newBitmap();
    assertThat(log.collect(into)).isEqualTo(PAGES);
    assertThat(BitSet.valueOf(into).nextClearBit(0)).isEqualTo(PAGES);
    assertThat(log.dirty(5 << 12)).isFalse();
    assertThat(log.collect(into)).isZero();
  }

  @Property
  void bytesMarkThePagesTheyLieIn(
      @ForAll @IntRange(max = (PAGES << 12) - 1) int offset,
      @ForAll @IntRange(max = PAGES << 12) int most) {
    DirtyLog log = new DirtyLog((long) PAGES << DirtyLog.PAGE_SHIFT);
    int length = Math.min(most, (PAGES << 12) - offset);
    log.mark(offset, length);
    BitSet expected = new BitSet();
    if (length > 0) {
      expected.set(offset >>> 12, (offset + length - 1 >>> 12) + 1);
    }
    assertThat(BitSet.valueOf(log.written())).isEqualTo(expected);
    long[] into = log.newBitmap();
    assertThat(log.collect(into)).isEqualTo(expected.cardinality());
    assertThat(BitSet.valueOf(into)).isEqualTo(expected);
  }
}
