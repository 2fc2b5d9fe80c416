package handover.riscv;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/** Two threads drive three wires of one hart: none undoes another's. */
@JCStressTest
@Outcome(id = "520", expect = Expect.ACCEPTABLE, desc = "MSIP and SEIP up, MTIP down")
@Outcome(expect = Expect.FORBIDDEN, desc = "a wire has the wrong level")
@State
public class InterruptLinesRace {
  private final InterruptLines lines = new InterruptLines();

  /** The timer wire is up. */
  public InterruptLinesRace() {
    lines.set(InterruptLines.MTIP, true);
  }

  /** Another hart. */
  @Actor
  public void software() {
    lines.set(InterruptLines.MSIP, true);
  }

  /** The timer, then a device. */
  @Actor
  public void others() {
    lines.set(InterruptLines.MTIP, false);
    lines.set(InterruptLines.SEIP, true);
  }

  /** All wires. */
  @Arbiter
  public void last(J_Result result) {
    result.r1 = lines.asserted();
  }
}
