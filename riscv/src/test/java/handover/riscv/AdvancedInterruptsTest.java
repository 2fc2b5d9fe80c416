package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdvancedInterruptsTest {
  private static final int MISELECT = 0x350;
  private static final int MIREG = 0x351;
  private static final int MTOPEI = 0x35c;
  private static final int MTOPI = 0xfb0;
  private static final int SISELECT = 0x150;
  private static final int SIREG = 0x151;
  private static final int STOPEI = 0x15c;
  private static final int STOPI = 0xdb0;
  private static final int MVIP = 0x309;

  /** Answers with what was asked, and remembers what was served. */
  private static final class File implements InterruptFile {
    final Deque<Integer> waiting = new ArrayDeque<>();
    final List<Integer> claimed = new ArrayList<>();
    long written;

    @Override
    public long load(int select) {
      return select;
    }

    @Override
    public void store(int select, long value) {
      written = value;
    }

    @Override
    public int top() {
      return waiting.isEmpty() ? 0 : waiting.peek();
    }

    @Override
    public void claim(int identity) {
      claimed.add(identity);
    }
  }

  private final Parts parts = new Parts();
  private final CsrFile csrs = parts.csrs;
  private final File machine = new File();
  private final File supervisor = new File();

  AdvancedInterruptsTest() {
    assertThat(csrs.accessible(STOPEI, false)).as("before").isFalse();
    AdvancedInterrupts.declare(parts.registers, csrs, machine, supervisor);
  }

  @Test
  void indirectRegistersAreThoseOfTheFileOfTheirLevel() {
    csrs.write(SISELECT, 0x80);
    csrs.write(MISELECT, 0x72);
    assertThat(csrs.read(SIREG)).isEqualTo(0x80);
    assertThat(csrs.read(MIREG)).isEqualTo(0x72);
    csrs.write(SIREG, 5);
    assertThat(supervisor.written).isEqualTo(5);
    assertThat(machine.written).isZero();
  }

  @Test
  void whatIsNotThereIsIllegal() {
    for (int select : new int[] {0, 0x2f, 0x31, 0x40, 0x81, 0xc1, 0x100}) {
      csrs.write(SISELECT, select);
      assertThat(csrs.accessible(SIREG, false)).as("0x%x", select).isFalse();
    }
    for (int select : new int[] {0x30, 0x70, 0x71, 0x7f, 0x80, 0xfe}) {
      csrs.write(SISELECT, select);
      assertThat(csrs.accessible(SIREG, true)).as("0x%x", select).isTrue();
    }
    csrs.write(SISELECT, 0x30);
    csrs.write(SIREG, -1);
    assertThat(csrs.read(SIREG)).as("priorities are fixed").isZero();
    parts.privilege(Privilege.SUPERVISOR);
    assertThat(csrs.accessible(MTOPEI, false)).isFalse();
    assertThat(csrs.accessible(STOPI, true)).as("read-only").isFalse();
  }

  @Test
  void aWriteServesWhatTheReadBeforeItNamed() {
    supervisor.waiting.add(33);
    assertThat(csrs.read(STOPEI)).isEqualTo(33 << 16 | 33);
    supervisor.waiting.addFirst(2);
    csrs.write(STOPEI, 0);
    assertThat(supervisor.claimed).containsExactly(33);
    assertThat(csrs.read(MTOPEI)).isZero();
  }

  @Test
  void theMostUrgentInterruptIsNamedForTheLevelThatTakesIt() {
    csrs.write(Csrs.MIDELEG, 0x222);
    csrs.write(0x304, -1);
    assertThat(csrs.read(STOPI)).isZero();
    parts.lines.set(InterruptLines.SEIP, true);
    parts.lines.set(InterruptLines.MTIP, true);
    csrs.write(MVIP, 0x2);
    assertThat(csrs.read(STOPI)).isEqualTo(9L << 16 | 1);
    assertThat(csrs.read(MTOPI)).isEqualTo(7L << 16 | 1);
    parts.lines.set(InterruptLines.SEIP, false);
    assertThat(csrs.read(STOPI)).isEqualTo(1L << 16 | 1);
  }

  @Test
  void selectionsMove() {
    csrs.write(SISELECT, 0xc0);
    csrs.write(MISELECT, 0x70);
    Parts other = new Parts();
    other.codec.load(parts.codec.save());
    assertThat(other.registers.siselect).isEqualTo(0xc0);
    assertThat(other.registers.miselect).isEqualTo(0x70);
  }
}
