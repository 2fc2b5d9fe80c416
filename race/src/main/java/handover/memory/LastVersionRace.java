package handover.memory;

import java.lang.foreign.MemorySegment;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.J_Result;

/**
 * A device writes to a page that is marked already, while the sender collects the mark and reads
 * the page: what is sent last is what was written last.
 */
@JCStressTest
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "the destination has the new bytes")
@Outcome(id = "0", expect = Expect.FORBIDDEN, desc = "the write was lost")
@State
public class LastVersionRace {
  private final RamBlock block =
      new RamBlock("race", HostMapping.of(MemorySegment.ofArray(new long[512])));
  private final GuestMemory memory = new GuestMemory();
  private final long[] bitmap = block.dirtyLog().newBitmap();
  private long sent = -1;

  /** A page marked by an earlier write. */
  public LastVersionRace() {
    memory.map(0, block, true);
    block.dirtyLog().start();
  }

  /** Writes. */
  @Actor
  public void device() {
    memory.storeU64(0, 1);
  }

  /** A round. */
  @Actor
  public void sender() {
    round();
  }

  /** The last round, when the devices are still. */
  @Arbiter
  public void last(J_Result result) {
    round();
    result.r1 = sent;
  }

  private void round() {
    bitmap[0] = 0;
    if (block.dirtyLog().collect(bitmap) != 0) {
      sent = memory.loadU64(0);
    }
  }
}
