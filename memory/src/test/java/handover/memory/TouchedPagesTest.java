package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TouchedPagesTest {
  private static final int PAGES = 100;

  @Test
  void onlyWhatWasMarkedIsTouchedInMemoryOfOurOwn() {
    RamBlock block = block(HostMapping.allocate("touched", PAGES << 12));
    block.dirtyLog().mark((70 << 12) + 5);
    block.dirtyLog().mark(99 << 12);
    assertThat(block.touchedPages()).containsExactly(0, 1L << (70 - 64) | 1L << (99 - 64));
  }

  /** What was marked before a migration, during one, and after one that came to nothing. */
  @Test
  void collectingForgetsNoPage() {
    RamBlock block = block(HostMapping.allocate("touched", PAGES << 12));
    DirtyLog log = block.dirtyLog();
    log.mark(0);
    log.start();
    log.collect(log.newBitmap());
    log.mark(1 << 12);
    log.collect(log.newBitmap());
    log.mark(2 << 12);
    log.stop();
    log.mark(3 << 12);
    assertThat(block.touchedPages()).containsExactly(0xf, 0);
    log.start();
    log.collect(log.newBitmap());
    assertThat(block.touchedPages()).containsExactly(0xf, 0);
  }

  @Test
  void makingMemoryResidentTouchesNothing() {
    HostMapping mapping = HostMapping.allocate("touched", PAGES << 12);
    mapping.populate();
    assertThat(block(mapping).touchedPages()).containsOnly(0);
  }

  @Test
  void onlyWhatWasWrittenIsTouchedInSharedMemory() {
    assumeTrue(Libc.supported(), "needs a memfd");
    HostMapping mapping = HostMapping.allocateShared("touched", PAGES << 12);
    assertThat(block(mapping).touchedPages()).containsExactly(0, 0);
    mapping.segment().set(ValueLayout.JAVA_BYTE, (70 << 12) + 5, (byte) 1);
    mapping.segment().set(ValueLayout.JAVA_BYTE, 99 << 12, (byte) 1);
    long[] touched = block(mapping).touchedPages();
    assertThat(touched[1] >>> (70 - 64) & 1).isOne();
    assertThat(touched[1] >>> (99 - 64) & 1).isOne();
    assertThat(touched[0] & 1).isZero();
  }

  @Test
  void hugePagesAreAligned() {
    assumeTrue(Libc.supported(), "needs Linux");
    long address = HostMapping.allocate("huge", 64 << 20).segment().address();
    assertThat(address & ((2 << 20) - 1)).isZero();
  }

  @Test
  void sparseFilesAreOurOwn() {
    assertThat(block(HostMapping.mapSparseFile(65 << 12)).touchedPages()).containsExactly(0, 0);
  }

  @Test
  void everythingMayBeTouchedInMemoryThatWasThereBefore() {
    HostMapping mapping = HostMapping.of(MemorySegment.ofArray(new long[65 << 9]));
    assertThat(block(mapping).touchedPages()).containsExactly(-1L, 1L);
  }

  private static RamBlock block(HostMapping mapping) {
    return new RamBlock("touched", mapping);
  }
}
