package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import handover.memory.HostMapping;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What lost its place in the cache comes back, unless it was withdrawn. */
class TlbVictimsTest {
  private static final long PAGE = 0x7000_0000_0000L;

  /** Falls on the same place. */
  private static final long RIVAL = PAGE + Tlb.ENTRIES * 4096L;

  private final MemorySegment ram = HostMapping.allocate("ram", 1 << 16).segment();
  private final Tlb tlb = new Tlb(Tlb.words(), 7);

  private void fill(long virtual, long offset, boolean writable) {
    tlb.fill(virtual, ram, offset, true, writable);
  }

  private void fillBoth() {
    fill(PAGE, 0x1000, true);
    fill(RIVAL, 0x2000, false);
  }

  @Test
  void pagesTakeTurns() {
    fillBoth();
    for (int turn = 0; turn < 20; turn++) {
      assertThat(tlb.recall(PAGE + 9, Access.STORE)).isEqualTo(ram.address() + 0x1009);
      assertThat(tlb.lookup(PAGE + 8, 8, Access.LOAD)).isEqualTo(ram.address() + 0x1008);
      assertThat(tlb.lookup(RIVAL, 1, Access.LOAD)).as("while the other has its place").isZero();
      assertThat(tlb.recall(RIVAL, Access.LOAD)).isEqualTo(ram.address() + 0x2000);
      assertThat(tlb.recall(RIVAL, Access.STORE)).as("what it never allowed").isZero();
    }
  }

  @Test
  void whatWasWithdrawnDoesNotComeBack() {
    List<Consumer<Tlb>> withdrawals =
        List.of(
            Tlb::flush,
            t -> t.flushPage(PAGE + 0x123),
            t -> {
              t.noteSuperpage(PAGE, 1 << 21);
              t.flushPage(PAGE + (1 << 20));
            });
    for (Consumer<Tlb> withdrawal : withdrawals) {
      fillBoth();
      withdrawal.accept(tlb);
      assertThat(tlb.recall(PAGE, Access.LOAD)).isZero();
      assertThat(tlb.recall(PAGE, Access.STORE)).isZero();
    }
  }

  @Test
  void permissionToWriteIsWithdrawnWhereverAnEntryIs() {
    fillBoth();
    tlb.dropWrites();
    assertThat(tlb.recall(PAGE, Access.STORE)).isZero();
    assertThat(tlb.recall(PAGE, Access.LOAD)).isEqualTo(ram.address() + 0x1000);
  }

  @Test
  void aPageThatWasFilledAgainIsWhatItIsNow() {
    fillBoth();
    tlb.flushPage(PAGE);
    fill(PAGE, 0x3000, true);
    fill(RIVAL, 0x2000, false);
    assertThat(tlb.recall(PAGE, Access.LOAD)).isEqualTo(ram.address() + 0x3000);
  }
}
