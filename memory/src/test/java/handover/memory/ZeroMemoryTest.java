package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ZeroMemoryTest {
  private static final int PAGES = 64;
  private static final int PAGE = 1 << DirtyLog.PAGE_SHIFT;

  private static MemorySegment memory() {
    return Arena.ofAuto().allocate((long) PAGES * PAGE, PAGE);
  }

  /** Bytes that are not zero, alone or all along a page, where neighbours are alike, too. */
  @Property(tries = 200)
  void pagesInARowEndWhereAByteIsNotZero(@ForAll long seed) {
    MemorySegment memory = memory();
    Random random = new Random(seed);
    boolean[] zero = new boolean[PAGES];
    Arrays.fill(zero, true);
    for (int i = random.nextInt(6); i > 0; i--) {
      int page = random.nextInt(PAGES);
      zero[page] = false;
      if (random.nextBoolean()) {
        memory.asSlice((long) page * PAGE, PAGE).fill((byte) 1);
      } else {
        memory.set(ValueLayout.JAVA_BYTE, (long) page * PAGE + random.nextInt(PAGE), (byte) 1);
      }
    }
    for (int from = 0; from < PAGES; from++) {
      int row = 0;
      while (from + row < PAGES && zero[from + row]) {
        row++;
      }
      assertThat(ZeroMemory.pages(memory, (long) from * PAGE, PAGES - from)).isEqualTo(row);
    }
  }

  @Property(tries = 100)
  void candidatesAreThePagesAskedForThatBeginWithAZero(@ForAll long written, @ForAll long asked) {
    MemorySegment memory = memory();
    for (int page = 0; page < PAGES; page++) {
      long word = (written >>> page & 1) == 0 ? 0 : 1L << 63 >>> page;
      memory.set(ValueLayout.JAVA_LONG, (long) page * PAGE, word);
      memory.set(ValueLayout.JAVA_LONG, (long) page * PAGE + 8, 1);
    }
    assertThat(ZeroMemory.candidates(memory, 0, asked)).isEqualTo(asked & ~written);
  }
}
