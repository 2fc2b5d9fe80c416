package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class JournalTest {
  private final Trap trap = new Trap();
  private final Journal journal = new Journal(trap);

  @Test
  void givesBackWhatWasNoted() {
    journal.record();
    journal.loaded(0x1000, 8, 7);
    journal.operated(99, 5, 0x2000, 6);
    journal.stored(0x1008, 4, 8);
    journal.replay();
    assertThat(journal.load(0x1000, 8)).isEqualTo(7);
    assertThat(journal.operate(99)).isEqualTo(5);
    assertThat(journal.place()).isEqualTo(0x2000);
    assertThat(journal.value()).isEqualTo(6);
    journal.store(0x1008, 4, 8);
    assertThat(journal.complete()).isTrue();
  }

  @Test
  void trapsWhereTheFirstExecutionTrapped() {
    journal.record();
    journal.faulted(trap.with(Trap.LOAD_PAGE_FAULT, 0x3000));
    journal.replay();
    trap.with(0, 0);
    assertThatThrownBy(() -> journal.load(0x3000, 8)).isSameAs(trap);
    assertThat(trap.cause()).isEqualTo(Trap.LOAD_PAGE_FAULT);
    assertThat(trap.value()).isEqualTo(0x3000);
  }

  @Test
  void anotherAddressOrValueOrNumberOfAccessesIsADifference() {
    journal.record();
    journal.stored(0x1000, 8, 7);
    journal.replay();
    assertThat(journal.complete()).isFalse();
    assertThat(journal.missed()).contains("0 of 1");
    assertThatThrownBy(() -> journal.store(0x1000, 8, 6)).hasMessageContaining("0x7 translated");
    journal.replay();
    assertThatThrownBy(() -> journal.store(0x1008, 8, 7)).hasMessageContaining("accesses differ");
    journal.replay();
    journal.store(0x1000, 8, 7);
    assertThatThrownBy(() -> journal.load(0x1000, 8)).hasMessageContaining("only the interpreter");
  }
}
