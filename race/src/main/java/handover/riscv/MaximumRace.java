package handover.riscv;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two harts raise one doubleword with amomax.d: the larger value stays. */
@JCStressTest
@Outcome(id = "7", expect = Expect.ACCEPTABLE, desc = "both took effect")
@Outcome(expect = Expect.FORBIDDEN, desc = "one was lost")
@State
public class MaximumRace {
  private final long slot = HartPair.slot();

  /** The first hart. */
  @Actor
  public void first() {
    HartPair.FIRST.amomax(slot, 5);
  }

  /** The second hart. */
  @Actor
  public void second() {
    HartPair.SECOND.amomax(slot, 7);
  }

  /** What memory holds. */
  @Arbiter
  public void last(J_Result result) {
    result.r1 = HartPair.value(slot);
  }
}
