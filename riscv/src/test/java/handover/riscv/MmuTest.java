package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Page tables, permissions, faults, and what marks the dirty log. */
class MmuTest {
  private static final long ROOT = Parts.RAM + 0x10_0000;
  private static final long MIDDLE = ROOT + 0x1000;
  private static final long LEAF = ROOT + 0x2000;
  private static final long PAGE_A = Parts.RAM + 0x20_0000;
  private static final long PAGE_B = Parts.RAM + 0x20_5000;
  private static final long VIRTUAL = 0x40_0000_0000L - 0x4000_0000L;
  private static final int V = 1;
  private static final int R = 2;
  private static final int W = 4;
  private static final int X = 8;
  private static final int U = 16;
  private static final int A = 64;
  private static final int D = 128;
  private static final int RW = V | R | W;

  private final Parts parts = new Parts().openPmp();
  private final Mmu mmu = parts.mmu;

  @BeforeEach
  void sv39() {
    // 3-level tables: index 255, 0, and 0 or 1.
    parts.memory.storeU64(ROOT + 255 * 8, pte(MIDDLE, V));
    parts.memory.storeU64(MIDDLE, pte(LEAF, V));
    map(0, PAGE_A, RW | A | D);
    map(1, PAGE_B, RW | A | D);
    parts.registers.satp = 8L << 60 | ROOT >>> 12;
    parts.privilege(Privilege.SUPERVISOR);
  }

  private static long pte(long physical, int bits) {
    return physical >>> 12 << 10 | bits;
  }

  private void map(int index, long physical, int bits) {
    parts.memory.storeU64(LEAF + 8L * index, pte(physical, bits));
    mmu.fence(-1);
  }

  private long entry(int index) {
    return parts.memory.loadU64(LEAF + 8L * index) & 0x3ff;
  }

  private long host(long physical) {
    return parts.ram.segment().address() + physical - Parts.RAM;
  }

  private static int causeOf(ThrowingCallable access) {
    return catchThrowableOfType(Trap.class, access).cause();
  }

  @Test
  void translatesAndReachesMemory() {
    mmu.store(VIRTUAL + 8, 8, 0x1122334455667788L);
    assertThat(parts.memory.loadU64(PAGE_A + 8)).isEqualTo(0x1122334455667788L);
    assertThat(mmu.load(VIRTUAL + 9, 4)).isEqualTo(0x44556677);
  }

  @Test
  void aMisalignedAccessAcrossPagesReachesBoth() {
    mmu.store(VIRTUAL + 4093, 8, 0x1122334455667788L);
    assertThat(parts.memory.loadU8(PAGE_A + 4095)).isEqualTo(0x66);
    assertThat(parts.memory.loadU8(PAGE_B)).isEqualTo(0x55);
    assertThat(mmu.load(VIRTUAL + 4093, 8)).isEqualTo(0x1122334455667788L);
  }

  @Test
  void aStoreAcrossPagesThatFaultsStoresNothing() {
    map(1, PAGE_B, V | R | A);
    Trap trap = catchThrowableOfType(Trap.class, () -> mmu.store(VIRTUAL + 4093, 8, -1));
    assertThat(trap.cause()).isEqualTo(Trap.STORE_PAGE_FAULT);
    assertThat(trap.value()).as("the part that faulted").isEqualTo(VIRTUAL + 4096);
    assertThat(parts.memory.loadU8(PAGE_A + 4095)).isZero();
  }

  @Test
  void accessedAndDirtyAreSetAsNeeded() {
    map(0, PAGE_A, RW);
    mmu.load(VIRTUAL, 8);
    assertThat(entry(0)).isEqualTo(RW | A);
    mmu.store(VIRTUAL, 8, 1);
    assertThat(entry(0)).isEqualTo(RW | A | D);
  }

  @Test
  void settingThemMarksThePageTableDirtyForMigration() {
    map(0, PAGE_A, RW);
    parts.ram.dirtyLog().start();
    parts.ram.dirtyLog().collect(parts.ram.dirtyLog().newBitmap());
    mmu.load(VIRTUAL, 8);
    assertThat(parts.ram.dirtyLog().dirty(LEAF - Parts.RAM)).isTrue();
    assertThat(parts.ram.dirtyLog().dirty(PAGE_A - Parts.RAM)).isFalse();
  }

  @Test
  void storesMarkTheDirtyLogAgainOnceWritePermissionIsDropped() {
    parts.ram.dirtyLog().start();
    mmu.store(VIRTUAL, 8, 1);
    parts.ram.dirtyLog().collect(parts.ram.dirtyLog().newBitmap());
    mmu.dropWritePermissions();
    long[] tlb = mmu.dataTlb();
    int entry = mmu.dataContext() + Tlb.index(VIRTUAL);
    assertThat(tlb[entry]).as("reads still hit").isEqualTo(host(PAGE_A));
    assertThat(tlb[entry + Tlb.WRITE_TAG]).isNotEqualTo(host(PAGE_A));
    mmu.store(VIRTUAL, 8, 2);
    assertThat(parts.ram.dirtyLog().dirty(PAGE_A - Parts.RAM)).isTrue();
    assertThat(tlb[entry + Tlb.WRITE_TAG]).isEqualTo(host(PAGE_A));
  }

  @Test
  void loadsNeverGrantWrites() {
    mmu.load(VIRTUAL, 8);
    long[] tlb = mmu.dataTlb();
    int entry = mmu.dataContext() + Tlb.index(VIRTUAL);
    assertThat(tlb[entry + Tlb.WRITE_TAG]).isNotEqualTo(host(PAGE_A));
  }

  @Test
  void faultsAreOfTheAccessThatCausedThem() {
    long unmapped = VIRTUAL + 0x5000;
    assertThat(causeOf(() -> mmu.load(unmapped, 1))).isEqualTo(Trap.LOAD_PAGE_FAULT);
    assertThat(causeOf(() -> mmu.store(unmapped, 1, 0))).isEqualTo(Trap.STORE_PAGE_FAULT);
    assertThat(causeOf(() -> mmu.enter(unmapped))).isEqualTo(Trap.INSTRUCTION_PAGE_FAULT);
    assertThat(causeOf(() -> mmu.enter(VIRTUAL))).isEqualTo(Trap.INSTRUCTION_PAGE_FAULT);
    assertThat(causeOf(() -> mmu.load(1L << 40, 1)))
        .as("not canonical")
        .isEqualTo(Trap.LOAD_PAGE_FAULT);
  }

  @Test
  void supervisorsReachPagesOfUsersOnlyWithSumAndNeverExecuteThem() {
    map(0, PAGE_A, RW | X | U | A | D);
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 8))).isEqualTo(Trap.LOAD_PAGE_FAULT);
    parts.registers.mstatus |= Mstatus.SUM;
    mmu.contextChanged();
    assertThat(mmu.load(VIRTUAL, 8)).isZero();
    assertThat(causeOf(() -> mmu.enter(VIRTUAL))).isEqualTo(Trap.INSTRUCTION_PAGE_FAULT);
    parts.registers.mstatus &= ~Mstatus.SUM;
    mmu.contextChanged();
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 8))).isEqualTo(Trap.LOAD_PAGE_FAULT);
    parts.privilege(Privilege.USER);
    assertThat(mmu.load(VIRTUAL, 8)).isZero();
    assertThat(mmu.enter(VIRTUAL)).isNotNull();
    assertThat(causeOf(() -> mmu.load(VIRTUAL + 4096, 8))).isEqualTo(Trap.LOAD_PAGE_FAULT);
  }

  @Test
  void executablePagesAreReadableWithMxr() {
    map(0, PAGE_A, V | X | A);
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 8))).isEqualTo(Trap.LOAD_PAGE_FAULT);
    parts.registers.mstatus |= Mstatus.MXR;
    mmu.contextChanged();
    assertThat(mmu.load(VIRTUAL, 8)).isZero();
    parts.registers.mstatus &= ~Mstatus.MXR;
    mmu.contextChanged();
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 8))).isEqualTo(Trap.LOAD_PAGE_FAULT);
  }

  @Test
  void mprvAccessesAsThePreviousMode() {
    parts.registers.mstatus |= Mstatus.MPRV | 1L << Mstatus.MPP_SHIFT;
    parts.privilege(Privilege.MACHINE);
    parts.memory.storeU32(PAGE_A, 77);
    assertThat(mmu.load(VIRTUAL, 4)).isEqualTo(77);
    assertThat(mmu.enter(Parts.RAM)).as("fetches stay untranslated").isNotNull();
  }

  @Test
  void superpagesMustBeAligned() {
    parts.memory.storeU64(MIDDLE + 8, pte(PAGE_A, RW | A | D));
    long virtual = VIRTUAL + (1 << 21);
    parts.memory.storeU32(PAGE_A + 0x12340, 99);
    assertThat(mmu.load(virtual + 0x12340, 4)).isEqualTo(99);
    parts.memory.storeU64(MIDDLE + 8, pte(PAGE_A + 0x1000, RW | A | D));
    mmu.fence(-1);
    assertThat(causeOf(() -> mmu.load(virtual, 4))).isEqualTo(Trap.LOAD_PAGE_FAULT);
  }

  @Test
  void fencingOneAddressOfASuperpageForgetsAllOfIt() {
    parts.memory.storeU64(MIDDLE + 8, pte(PAGE_A, RW | A | D));
    long virtual = VIRTUAL + (1 << 21);
    mmu.load(virtual + 0x3000, 4);
    long[] tlb = mmu.dataTlb();
    int entry = mmu.dataContext() + Tlb.index(virtual + 0x3000);
    assertThat(tlb[entry]).isEqualTo(host(PAGE_A + 0x3000));
    parts.memory.storeU64(MIDDLE + 8, 0);
    mmu.fencePage(virtual + 0x9000, -1);
    assertThat(tlb[entry]).isNotEqualTo(host(PAGE_A + 0x3000));
  }

  @Test
  void addressSpacesKeepTheirTranslationsUntilTheirAsidIsFenced() {
    long other = parts.registers.satp | 7L << 44;
    mmu.load(VIRTUAL, 4);
    long[] tlb = mmu.dataTlb();
    int entry = mmu.dataContext() + Tlb.index(VIRTUAL);
    int context = mmu.dataContext();
    parts.registers.satp = other;
    mmu.contextChanged();
    assertThat(mmu.dataContext()).isNotEqualTo(context);
    mmu.fence(7);
    assertThat(tlb[entry]).isEqualTo(host(PAGE_A));
    mmu.fence(0);
    assertThat(tlb[entry]).isNotEqualTo(host(PAGE_A));
  }

  @Test
  void sv48HasOneLevelMore() {
    long root = ROOT + 0x8000;
    parts.memory.storeU64(root + 8, pte(ROOT, V));
    parts.registers.satp = 9L << 60 | root >>> 12;
    mmu.contextChanged();
    parts.memory.storeU32(PAGE_A + 4, 55);
    assertThat(mmu.load((1L << 39) + VIRTUAL + 4, 4)).isEqualTo(55);
    assertThat(causeOf(() -> mmu.load(1L << 50, 4))).isEqualTo(Trap.LOAD_PAGE_FAULT);
  }

  @Test
  void reservedBitsOfAnEntryFault() {
    for (long bit : new long[] {1L << 54, 1L << 61, 1L << 63}) {
      parts.memory.storeU64(LEAF, pte(PAGE_A, RW | A | D) | bit);
      mmu.fence(-1);
      assertThat(causeOf(() -> mmu.load(VIRTUAL, 4))).isEqualTo(Trap.LOAD_PAGE_FAULT);
    }
    map(0, PAGE_A, V | W | A | D);
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 4))).as("W without R").isEqualTo(13);
  }

  @Test
  void aTableOutsideMemoryIsAnAccessFault() {
    parts.registers.satp = 8L << 60 | 0x40;
    mmu.contextChanged();
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 4))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
  }

  @Test
  void devicesAreReachedAlignedAndNeverCached() {
    parts.privilege(Privilege.MACHINE);
    mmu.store(0x1000_0010, 4, 42);
    assertThat(parts.deviceAddress).isEqualTo(0x1000_0010);
    parts.deviceValue = 43;
    assertThat(mmu.load(0x1000_0010, 4)).isEqualTo(43);
    assertThat(causeOf(() -> mmu.load(0x1000_0011, 4))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
    assertThat(causeOf(() -> mmu.load(0x5000_0000, 4))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
    assertThat(causeOf(() -> mmu.store(0x5000_0000, 4, 0))).isEqualTo(Trap.STORE_ACCESS_FAULT);
    assertThat(causeOf(() -> mmu.atomicAddress(0x1000_0010, 4, Access.STORE)))
        .isEqualTo(Trap.STORE_ACCESS_FAULT);
  }

  @Test
  void aDeviceThatFailsIsAnAccessFault() {
    parts.privilege(Privilege.MACHINE);
    assertThat(causeOf(() -> mmu.store(Parts.BROKEN_DEVICE, 4, 0)))
        .isEqualTo(Trap.STORE_ACCESS_FAULT);
  }

  @Test
  void readOnlyMemoryIsReadDirectlyAndNeverWritten() {
    parts.privilege(Privilege.MACHINE);
    assertThat(mmu.load(Parts.ROM, 8)).isZero();
    assertThat(causeOf(() -> mmu.store(Parts.ROM, 8, 1))).isEqualTo(Trap.STORE_ACCESS_FAULT);
    long[] tlb = mmu.dataTlb();
    int entry = mmu.dataContext() + Tlb.index(Parts.ROM);
    assertThat(tlb[entry]).isEqualTo(parts.rom.segment().address());
    assertThat(tlb[entry + Tlb.WRITE_TAG]).isNotEqualTo(parts.rom.segment().address());
  }

  @Test
  void aPageThatPmpDividesIsCheckedEachTime() {
    parts.pmp.reset();
    parts.pmp.writeAddress(0, Parts.RAM + 0x800 >>> 2);
    parts.pmp.writeAddress(1, -1);
    parts.pmp.writePackedConfig(0, 0x1f08 | 7);
    parts.pmp.writePackedConfig(0, 0x1f0f);
    parts.pmp.writePackedConfig(0, 0x180f);
    mmu.flushAll();
    parts.registers.satp = 0;
    mmu.contextChanged();
    assertThat(mmu.load(Parts.RAM + 0x7f8, 8)).isZero();
    assertThat(causeOf(() -> mmu.load(Parts.RAM + 0x800, 8))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
    assertThat(causeOf(() -> mmu.load(Parts.RAM + 0x7fc, 8))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
    assertThat(mmu.load(Parts.RAM + 0x7f0, 8)).isZero();
    assertThat(mmu.enter(Parts.RAM + 0x7f0)).isNotNull();
    assertThat(causeOf(() -> mmu.enter(Parts.RAM + 0x800)))
        .isEqualTo(Trap.INSTRUCTION_ACCESS_FAULT);
  }

  @Test
  void pageTablesAreSubjectToPmp() {
    parts.pmp.reset();
    parts.pmp.writeAddress(0, ROOT >>> 2 | 0x1ff);
    parts.pmp.writeAddress(1, -1);
    parts.pmp.writePackedConfig(0, 0x1f18);
    mmu.flushAll();
    assertThat(causeOf(() -> mmu.load(VIRTUAL, 8))).isEqualTo(Trap.LOAD_ACCESS_FAULT);
  }

  @Test
  void atomicsMustBeAligned() {
    assertThat(causeOf(() -> mmu.atomicAddress(VIRTUAL + 2, 4, Access.LOAD)))
        .isEqualTo(Trap.LOAD_MISALIGNED);
    assertThat(causeOf(() -> mmu.atomicAddress(VIRTUAL + 4, 8, Access.STORE)))
        .isEqualTo(Trap.STORE_MISALIGNED);
  }
}
