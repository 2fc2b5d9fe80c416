package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.IterativeMigration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a guest does shortly before the stop, and at the last instant. */
class SwitchoverTest {
  private final Pair pair = new Pair();
  private final FakeDevice source = pair.source.devices.get(0);
  private final FakeDevice destination = pair.destination.devices.get(0);

  @AfterEach
  void close() {
    pair.close();
  }

  private void iterative() {
    pair.source.devices.forEach(d -> d.mode = IterativeMigration.ON);
    pair.destination.devices.forEach(d -> d.mode = IterativeMigration.ON);
  }

  private void moves() {
    pair.succeeding(pair.listen());
    pair.destination.stopForMigration();
  }

  private MigrationInfo.Device sent() {
    return pair.out.query().devices().get(0);
  }

  /** There is always news, and still the stop comes; what is left goes with it. */
  @Test
  void aGuestThatReconfiguresInALoopDoesNotDelayTheStop() throws InterruptedException {
    iterative();
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger value = new AtomicInteger();
    Thread guest =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    synchronized (over) {
                      if (pair.source.running()) {
                        source.control(value.incrementAndGet());
                      }
                    }
                  }
                });
    pair.source.lastInstant =
        () -> {
          synchronized (over) {
            over.set(true);
          }
        };
    moves();
    guest.join();
    assertThat(value.get()).isPositive();
    assertThat(sent().resends()).isLessThan(SourceSection.MOST_EARLY_STATES);
    assertThat(destination.snapshot().table[7]).isEqualTo((byte) value.get());
  }

  /** Nobody could have told the destination in time: what it has staged is void. */
  @Test
  void aResetAtTheLastInstantVoidsWhatWasStaged() {
    iterative();
    source.set(77, 5, 6, 7, 8);
    pair.source.lastInstant =
        () -> {
          source.reset();
          source.set(99, 1, 2, 3, 0);
        };
    moves();
    assertThat(destination.snapshot().features).isEqualTo(99);
    assertThat(destination.snapshot().table[5]).as("of before the reset").isZero();
    assertThat(sent().finalBytes()).as("all of it").isGreaterThan(300);
    assertThat(pair.out.query().devices().get(1).finalBytes()).as("the other").isLessThan(200);
  }

  /** Control commands of the last instant are in the final part, and nothing else is. */
  @Test
  void aCommandAtTheLastInstantGoesWithTheRest() {
    iterative();
    source.set(77, 5, 6, 7, 8);
    pair.source.lastInstant = () -> source.control(42);
    moves();
    assertThat(destination.snapshot().table[7]).isEqualTo((byte) 42);
    assertThat(destination.snapshot().features).isEqualTo(77);
    assertThat(destination.aborts).as("built upon").hasValue(0);
  }
}
