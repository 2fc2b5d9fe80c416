package handover.devices.virtio.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.net.Await;
import handover.devices.virtio.backend.BackEndStep.Enable;
import handover.devices.virtio.backend.BackEndStep.Pin;
import handover.devices.virtio.backend.BackEndStep.Reset;
import handover.devices.virtio.backend.BackEndStep.SetUpQueue;
import handover.vmstate.BackEndBudget;
import handover.vmstate.StreamException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DataPlaneTest {
  private static final long STEP_NANOS = 1_000_000;

  private final List<BackEndStep> steps = new CopyOnWriteArrayList<>();
  private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);
  private final AtomicLong clock = new AtomicLong(-5_000_000_000L);
  private volatile Class<?> refused = Void.class;
  private volatile Thread lastWorker;
  private final DataPlane plane = new DataPlane("net0", this::perform, clock::get);

  private void perform(BackEndStep step) throws InterruptedException {
    permits.acquire();
    lastWorker = Thread.currentThread();
    clock.addAndGet(STEP_NANOS);
    if (refused.isInstance(step)) {
      throw new UncheckedIOException(new IOException("no " + step.getClass().getSimpleName()));
    }
    steps.add(step);
  }

  @AfterEach
  void close() {
    plane.close();
  }

  private CompletableFuture<Void> stage(NetConfiguration wanted) {
    return plane.stage(wanted).toCompletableFuture().orTimeout(10, TimeUnit.SECONDS);
  }

  private void holdSteps() {
    permits.drainPermits();
  }

  private void letStepsGo() {
    permits.release(Integer.MAX_VALUE);
  }

  @Test
  void stagingServesNobodyAndCommittingDoesWhatIsLeft() {
    stage(Setups.of(2, 0)).join();
    assertThat(plane.serving()).isFalse();
    assertThat(steps).noneMatch(Enable.class::isInstance);
    plane.commit(Setups.of(2, 0), Setups.positions(2));
    assertThat(plane.serving()).isTrue();
    assertThat(plane.budget())
        .isEqualTo(
            new BackEndBudget(
                new BackEndBudget.Lines(2000, 3000, 0, 0, 0),
                new BackEndBudget.Lines(0, 0, 0, 1000, 1000)));
  }

  @Test
  void aCommitIsAppliedOnTheThreadThatAsksForIt() {
    stage(Setups.of(2, 0)).join();
    Thread own = lastWorker;
    assertThat(own).isNotSameAs(Thread.currentThread());
    Await.until("the data plane's thread to rest", () -> own.getState() == Thread.State.WAITING);
    plane.commit(Setups.of(2, 0), Setups.positions(2));
    assertThat(lastWorker).isSameAs(Thread.currentThread());
    stage(Setups.of(3, 0)).join();
    assertThat(lastWorker).isSameAs(own);
  }

  @Test
  void withoutStagingTheBlackoutPaysForEverything() {
    ControlState control = Setups.FRESH.after(new ControlCommand.SetVlan(4, true));
    plane.commit(Setups.of(2, 0, control), Setups.positions(2));
    assertThat(plane.budget().early().total()).isZero();
    assertThat(plane.budget().blackout())
        .isEqualTo(new BackEndBudget.Lines(2000, 3000, 1000, 1000, 1000));
  }

  @Test
  void aNewerStageReplacesAnOlderOneWithoutLosingItsWork() {
    holdSteps();
    CompletableFuture<Void> first = stage(Setups.of(3, 0));
    CompletableFuture<Void> second =
        stage(Setups.of(3, 0, Setups.FRESH.after(new ControlCommand.SetVlan(4, true))));
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    letStepsGo();
    first.join();
    second.join();
    assertThat(steps).filteredOn(SetUpQueue.class::isInstance).hasSize(3);
    assertThat(steps).filteredOn(Pin.class::isInstance).hasSize(2);
  }

  @Test
  void aCommitOvertakesAStageUnderWay() {
    holdSteps();
    CompletableFuture<Void> staging = stage(Setups.of(3, 0));
    Await.until("the first step", () -> permits.hasQueuedThreads());
    letStepsGo();
    plane.commit(Setups.of(3, 0), Setups.positions(3));
    staging.join();
    assertThat(plane.serving()).isTrue();
    assertThat(steps).filteredOn(SetUpQueue.class::isInstance).hasSize(3);
  }

  @Test
  void aResetCancelsAStageAndKeepsMemoryPinned() {
    holdSteps();
    CompletableFuture<Void> staging = stage(Setups.of(3, 0));
    Await.until("the first step", () -> permits.hasQueuedThreads());
    plane.reset();
    assertThat(staging).isCancelled();
    letStepsGo();
    stage(Setups.of(1, 0)).join();
    assertThat(steps).filteredOn(SetUpQueue.class::isInstance).hasSize(1);
    assertThat(steps).filteredOn(Pin.class::isInstance).hasSize(2);
  }

  @Test
  void aResetDoesNotReturnWhileTheRingsAreServed() {
    plane.start(Setups.of(2, 0), Setups.positions(2));
    Await.until("serving", plane::serving);
    plane.reset();
    assertThat(plane.serving()).isFalse();
    assertThat(steps).endsWith(new Reset());
    plane.start(Setups.of(2, 0), Setups.positions(2));
    Await.until("serving again", plane::serving);
    assertThat(steps).filteredOn(Enable.class::isInstance).hasSize(2);
  }

  @Test
  void aDeviceInUseIsToldOfChangesAndGoesOn() {
    plane.start(Setups.of(2, 0), Setups.positions(2));
    Await.until("serving", plane::serving);
    int before = steps.size();
    ControlCommand command = new ControlCommand.SetVlan(4, true);
    plane.update(Setups.of(2, 0, Setups.FRESH.after(command)));
    Await.until("the command", () -> steps.size() > before);
    assertThat(steps).endsWith(new BackEndStep.Command(command)).hasSize(before + 1);
    assertThat(plane.serving()).isTrue();
  }

  @Test
  void whoeverWaitsForItsServiceHears() {
    CompletableFuture<Boolean> heard = new CompletableFuture<>();
    plane.onServing(() -> heard.complete(plane.serving()));
    plane.commit(Setups.of(2, 0), Setups.positions(2));
    assertThat(heard.orTimeout(10, TimeUnit.SECONDS).join()).isTrue();
  }

  @Test
  void aRefusalIsToldInWordsAndTheNextAttemptBeginsWithAReset() {
    refused = SetUpQueue.class;
    assertThatThrownBy(() -> stage(Setups.of(2, 0)).join())
        .hasCauseInstanceOf(StreamException.class)
        .hasMessageContaining("net0")
        .hasMessageContaining("no SetUpQueue");
    refused = Enable.class;
    assertThatThrownBy(() -> plane.commit(Setups.of(2, 0), Setups.positions(2)))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("no Enable");
    assertThat(plane.serving()).isFalse();
    refused = Void.class;
    plane.commit(Setups.of(2, 0), Setups.positions(2));
    assertThat(steps).filteredOn(Reset.class::isInstance).hasSize(2);
  }

  @Test
  void closingEndsAWait() {
    holdSteps();
    CompletableFuture<Void> staging = stage(Setups.of(2, 0));
    plane.close();
    assertThat(staging).isCancelled();
    assertThatThrownBy(() -> plane.commit(Setups.of(2, 0), Setups.positions(2)))
        .isInstanceOf(StreamException.class);
  }
}
