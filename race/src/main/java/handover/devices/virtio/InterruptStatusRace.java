package handover.devices.virtio;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IZ_Result;

/**
 * A device raises its interrupt while the driver acknowledges the one before: at the end the wire
 * says what the register says, and a configuration interrupt is never lost.
 */
@JCStressTest
@Outcome(id = "2, true", expect = Expect.ACCEPTABLE, desc = "raised, then acknowledged")
@Outcome(id = "3, true", expect = Expect.ACCEPTABLE, desc = "acknowledged, then raised")
@Outcome(expect = Expect.FORBIDDEN, desc = "the wire and the register differ, or one was lost")
@State
public class InterruptStatusRace {
  private final InterruptStatus status = new InterruptStatus();
  private volatile boolean wire;

  /** A queue interrupt is pending. */
  public InterruptStatusRace() {
    status.connect(asserted -> wire = asserted);
    status.raise(InterruptStatus.QUEUE);
  }

  /** The device, with the next queue interrupt, and a change of its configuration. */
  @Actor
  public void device() {
    status.raise(InterruptStatus.QUEUE);
    status.raise(InterruptStatus.CONFIG);
  }

  /** The driver acknowledges what it saw. */
  @Actor
  public void driver() {
    status.acknowledge(InterruptStatus.QUEUE);
  }

  /** Register and wire. */
  @Arbiter
  public void last(IZ_Result result) {
    result.r1 = status.value();
    result.r2 = wire;
  }
}
