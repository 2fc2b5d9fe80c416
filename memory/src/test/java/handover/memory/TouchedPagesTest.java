package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TouchedPagesTest {
  @Test
  void onlyWhatWasWrittenIsTouched() {
    assumeTrue(Memfd.supported(), "needs a memfd");
    HostMapping mapping = HostMapping.allocate("touched", 100 << 12);
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
