package handover.memory;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Pages of one word are marked while the log is collected: no mark is lost. */
@JCStressTest
@Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "both pages are sent")
@Outcome(expect = Expect.FORBIDDEN, desc = "a mark was lost")
@State
public class MarkRace {
  private final DirtyLog log = new DirtyLog(2L << DirtyLog.PAGE_SHIFT);
  private final long[] bitmap = log.newBitmap();

  /** Recording, with nothing marked. */
  public MarkRace() {
    log.start();
    log.collect(bitmap);
    bitmap[0] = 0;
  }

  /** A device marks page 0. */
  @Actor
  public void device() {
    log.mark(0);
  }

  /** The sender collects; then a hart marks page 1. */
  @Actor
  public void sender() {
    log.collect(bitmap);
    log.mark(1L << DirtyLog.PAGE_SHIFT, 8);
  }

  /** Collects at the end. */
  @Arbiter
  public void last(J_Result result) {
    log.collect(bitmap);
    result.r1 = bitmap[0];
  }
}
