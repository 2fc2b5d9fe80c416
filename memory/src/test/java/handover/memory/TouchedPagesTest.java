package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TouchedPagesTest {
  @Test
  void onlyWhatWasWrittenIsTouchedInMemoryOfOurOwn() {
    assumeTrue(Libc.supported(), "needs Linux");
    onlyWhatWasWrittenIsTouched(HostMapping.allocate("touched", 100 << 12));
  }

  @Test
  void onlyWhatWasWrittenIsTouchedInSharedMemory() {
    assumeTrue(Libc.supported(), "needs a memfd");
    onlyWhatWasWrittenIsTouched(HostMapping.allocateShared("touched", 100 << 12));
  }

  @Test
  void hugePagesAreTouchedNoFurtherThanTheirTwoMebibytes() {
    assumeTrue(Libc.supported(), "needs Linux");
    HostMapping mapping = HostMapping.allocate("huge", 64 << 20);
    assertThat(mapping.segment().address() & ((2 << 20) - 1)).isZero();
    assertThat(mapping.touchedPages()).containsOnly(0);
    mapping.segment().set(ValueLayout.JAVA_BYTE, 33 << 20, (byte) 1);
    long[] touched = mapping.touchedPages();
    assertThat(touched[(33 << 20) >>> 18] & 1).isOne();
    assertThat(Arrays.stream(touched).map(Long::bitCount).sum()).isBetween(1L, 512L);
    assertThat(touched[(31 << 20) >>> 18]).isZero();
    assertThat(touched[(34 << 20) >>> 18]).isZero();
  }

  /** What older kernels tell must be what newer ones do. */
  @Test
  void bothWaysOfAskingTellTheSame() {
    assumeTrue(Libc.supported() && Libc.pageSize() == 4096, "needs Linux with pages of 4 KiB");
    MemorySegment memory = HostMapping.allocate("touched", 3000 << 12).segment();
    for (long page = 0; page < 3000; page += 1 + page % 7) {
      memory.set(ValueLayout.JAVA_BYTE, page << 12, (byte) 1);
    }
    long[] touched = PageMap.read(memory).orElseThrow();
    PageMap.scan(memory).ifPresent(ranges -> assertThat(ranges).containsExactly(touched));
    for (long page = 0; page < 3000; page += 1 + page % 7) {
      assertThat(touched[(int) (page >>> 6)] >>> page & 1).as("page %d", page).isOne();
    }
  }

  private static void onlyWhatWasWrittenIsTouched(HostMapping mapping) {
    assertThat(mapping.touchedPages()).containsExactly(0, 0);
    mapping.segment().set(ValueLayout.JAVA_BYTE, (70 << 12) + 5, (byte) 1);
    mapping.segment().set(ValueLayout.JAVA_BYTE, 99 << 12, (byte) 1);
    long[] touched = mapping.touchedPages();
    assertThat(touched[1] >>> (70 - 64) & 1).isOne();
    assertThat(touched[1] >>> (99 - 64) & 1).isOne();
    assertThat(touched[0] & 1).isZero();
  }

  @Test
  void everythingMayBeTouchedWhereHolesAreUnknown() {
    HostMapping mapping = HostMapping.mapSparseFile(65 << 12);
    assertThat(mapping.touchedPages()).containsExactly(-1L, 1L);
  }
}
