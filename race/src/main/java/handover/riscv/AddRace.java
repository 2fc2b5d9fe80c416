package handover.riscv;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two harts add to one doubleword with amoadd.d: no addition is lost. */
@JCStressTest
@Outcome(id = "3", expect = Expect.ACCEPTABLE, desc = "both took effect")
@Outcome(expect = Expect.FORBIDDEN, desc = "one was lost")
@State
public class AddRace {
  private final long slot = HartPair.slot();

  /** The first hart. */
  @Actor
  public void first() {
    HartPair.FIRST.amoadd(slot, 1);
  }

  /** The second hart. */
  @Actor
  public void second() {
    HartPair.SECOND.amoadd(slot, 2);
  }

  /** What memory holds. */
  @Arbiter
  public void last(J_Result result) {
    result.r1 = HartPair.value(slot);
  }
}
