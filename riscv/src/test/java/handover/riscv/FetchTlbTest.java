package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** What survives a fence.i, what an sfence.vma of one page, and which regions go with it. */
class FetchTlbTest {
  private static final long TEXT = 0xffff_ffff_8000_0000L;
  private static final long PROGRAM = 0x1_0000L;
  private static final long SUPERPAGE = 2 << 20;
  private static final int OFFSET = 8;

  private final FetchTlb tlb = new FetchTlb();
  private final CodePage kernel = page();
  private final CodePage program = page();
  private final Region region =
      new Region(
          null, 0, OFFSET, new CodePage[2 * Region.SPAN + 1], new int[2 * Region.SPAN + 1], false);

  FetchTlbTest() {
    tlb.fill(TEXT, kernel, SUPERPAGE);
    tlb.fill(PROGRAM, program, 4096);
    tlb.entrances().remember(TEXT + 8, region);
    tlb.entrances().remember(PROGRAM + 8, region);
  }

  private static CodePage page() {
    Decoder decoder = new Decoder(CpuFeatures.defaults());
    return new CodePage(decoder, true, Arena.ofAuto().allocate(4096), 0);
  }

  @Test
  void remembersPagesAndRegions() {
    assertThat(tlb.lookup(TEXT + 100)).isSameAs(kernel);
    assertThat(tlb.lookup(TEXT + 4096)).isNull();
    assertThat(tlb.entrances().at(TEXT + 8).offset).isEqualTo(OFFSET);
    assertThat(tlb.entrances().at(TEXT + 10)).isNull();
  }

  @Test
  void afterFenceINothingIsFoundBeforeItIsRecalled() {
    tlb.suspect();
    assertThat(tlb.lookup(TEXT)).isNull();
    assertThat(tlb.entrances().at(TEXT + 8)).isNull();
    assertThat(tlb.recall(TEXT + 100)).isSameAs(kernel);
    assertThat(tlb.lookup(TEXT)).isSameAs(kernel);
    assertThat(tlb.entrances().at(TEXT + 8)).as("its page was not compared since").isNull();
    assertThat(tlb.recall(TEXT + 4096)).isNull();
  }

  @Test
  void oneFlushedPageIsNotRecalledAndLeavesTheOthers() {
    tlb.flushPage(PROGRAM);
    assertThat(tlb.lookup(PROGRAM)).isNull();
    assertThat(tlb.recall(PROGRAM)).isNull();
    assertThat(tlb.entrances().at(PROGRAM + 8)).isNull();
    assertThat(tlb.lookup(TEXT)).isSameAs(kernel);
  }

  @Test
  void aPageElsewhereWithTheSameIndexChangesNothing() {
    tlb.flushPage(PROGRAM + 4096L * FetchTlb.ENTRIES);
    assertThat(tlb.lookup(PROGRAM)).isSameAs(program);
    assertThat(tlb.entrances().at(PROGRAM + 8).offset).isEqualTo(OFFSET);
  }

  @Test
  void anyPageOfASuperpageFlushesAllItMayHaveFilled() {
    tlb.flushPage(TEXT + SUPERPAGE - 4096);
    assertThat(tlb.lookup(TEXT)).isNull();
    assertThat(tlb.recall(TEXT)).isNull();
  }

  @Test
  void aPageBesideTheSuperpageDoesNot() {
    tlb.flushPage(TEXT + SUPERPAGE);
    tlb.flushPage(TEXT - 4096);
    assertThat(tlb.lookup(TEXT)).isSameAs(kernel);
  }

  @Test
  void anAddressThatFallsOnTheSamePlaceTakesIt() {
    long rival = PROGRAM + 8 + (1L << 40);
    tlb.entrances().remember(rival, region);
    assertThat(tlb.entrances().at(rival).offset).isEqualTo(OFFSET);
    assertThat(tlb.entrances().at(PROGRAM + 8)).isNull();
  }

  @Test
  void aFlushForgetsEverything() {
    tlb.flush();
    assertThat(tlb.recall(TEXT)).isNull();
    assertThat(tlb.entrances().at(PROGRAM + 8)).isNull();
  }
}
