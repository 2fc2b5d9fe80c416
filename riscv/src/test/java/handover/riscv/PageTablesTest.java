package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The tables are read as harts read them, but nothing is marked in them. */
class PageTablesTest {
  private static final long ROOT = TestMachine.RAM + 0x1000;
  private static final long MIDDLE = TestMachine.RAM + 0x2000;
  private static final long LEAVES = TestMachine.RAM + 0x3000;
  private static final long SATP = 8L << 60 | ROOT >>> 12;
  private static final long VALID = 1;
  private static final long READABLE = 3;

  private final TestMachine machine = new TestMachine();
  private final PageTables tables = new PageTables(machine.memory);

  @Test
  void withoutTranslationAddressesAreTheirOwn() {
    assertThat(tables.physical(0, 0x1234)).contains(0x1234L);
  }

  @Test
  void pagesAndSuperpagesAreFound() {
    machine.memory.storeU64(ROOT, pointer(MIDDLE));
    machine.memory.storeU64(MIDDLE, pointer(LEAVES));
    machine.memory.storeU64(LEAVES + 5 * 8, leaf(TestMachine.RAM + 0x8000));
    machine.memory.storeU64(MIDDLE + 8, leaf(TestMachine.RAM + 0x20_0000));
    assertThat(tables.physical(SATP, 0x5678)).contains(TestMachine.RAM + 0x8678);
    assertThat(tables.physical(SATP, 0x21_2345)).contains(TestMachine.RAM + 0x21_2345);
    assertThat(tables.physical(SATP, 0x6000)).isEmpty();
    assertThat(machine.memory.loadU64(LEAVES + 5 * 8)).isEqualTo(leaf(TestMachine.RAM + 0x8000));
  }

  @Test
  void tablesThatAreNowhereAndModesThatAreNoneFindNothing() {
    assertThat(tables.physical(8L << 60 | 5, 0x5678)).isEmpty();
    assertThat(tables.physical(3L << 60, 0x5678)).isEmpty();
  }

  private static long pointer(long table) {
    return table >>> 12 << 10 | VALID;
  }

  private static long leaf(long page) {
    return page >>> 12 << 10 | READABLE;
  }
}
