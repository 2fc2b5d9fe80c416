package handover.devices.virtio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.backend.BackEndStep.Command;
import handover.devices.virtio.backend.BackEndStep.Enable;
import handover.devices.virtio.backend.BackEndStep.LoadState;
import handover.devices.virtio.backend.BackEndStep.Pin;
import handover.devices.virtio.backend.BackEndStep.Reset;
import handover.devices.virtio.backend.BackEndStep.SetUpDevice;
import handover.devices.virtio.backend.BackEndStep.SetUpQueue;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BackEndPlanTest {
  private final AppliedSetup applied = new AppliedSetup();

  private List<BackEndStep> stage(NetConfiguration wanted) {
    return stage(wanted, true);
  }

  private List<BackEndStep> stage(NetConfiguration wanted, boolean goOn) {
    return carryOut(BackEndPlan.between(applied, wanted, goOn, Optional.empty(), false));
  }

  private List<BackEndStep> commit(NetConfiguration wanted) {
    return carryOut(
        BackEndPlan.between(
            applied, wanted, false, Optional.of(Setups.positions(wanted.queues().size())), true));
  }

  private List<BackEndStep> carryOut(List<BackEndStep> steps) {
    steps.forEach(applied::done);
    return steps;
  }

  @Test
  void aDeviceIsSetUpAndThenOnlyEnabled() {
    assertThat(stage(Setups.of(3, 0)))
        .containsExactly(
            new Pin(64 << 20),
            new Pin(36 << 20),
            new SetUpDevice(1, Setups.FRESH),
            new SetUpQueue(Setups.queue(0, 0), true),
            new SetUpQueue(Setups.queue(1, 0), true),
            new SetUpQueue(Setups.queue(2, 0), true));
    assertThat(commit(Setups.of(3, 0)))
        .containsExactly(new LoadState(Setups.positions(3)), new Enable(List.of(0, 1, 2)));
  }

  @Test
  void memoryIsPinnedBeforeThereIsADriver() {
    assertThat(stage(Setups.withoutDriver())).hasSize(2).allMatch(Pin.class::isInstance);
    assertThat(stage(Setups.of(1, 0))).hasSize(2).noneMatch(Pin.class::isInstance);
  }

  @Test
  void anotherControlStateCostsItsCommandsOnly() {
    stage(Setups.of(3, 0));
    ControlCommand command = new ControlCommand.SetVlan(4, true);
    assertThat(commit(Setups.of(3, 0, Setups.FRESH.after(command))))
        .containsExactly(
            new Command(command), new LoadState(Setups.positions(3)), new Enable(List.of(0, 1, 2)));
  }

  @Test
  void aQueueThatMovedNeedsAFullReset() {
    ControlCommand command = new ControlCommand.SetVlan(4, true);
    ControlState control = Setups.FRESH.after(command);
    stage(Setups.of(2, 0, control));
    assertThat(stage(Setups.of(2, 4096, control)))
        .containsExactly(
            new Reset(),
            new SetUpDevice(1, Setups.FRESH),
            new SetUpQueue(Setups.queue(0, 4096), false),
            new SetUpQueue(Setups.queue(1, 4096), false),
            new Command(command));
  }

  @Test
  void aQueueThatIsGoneNeedsAFullReset() {
    stage(Setups.of(3, 0));
    assertThat(stage(Setups.of(2, 0))).startsWith(new Reset()).hasSize(4);
  }

  @Test
  void anotherQueueIsAdded() {
    stage(Setups.of(2, 0));
    assertThat(stage(Setups.of(3, 0))).containsExactly(new SetUpQueue(Setups.queue(2, 0), true));
  }

  @Test
  void allQueuesAreEnabledAtOnce() {
    stage(Setups.of(1023, 0));
    assertThat(commit(Setups.of(1023, 0)))
        .filteredOn(Enable.class::isInstance)
        .singleElement()
        .satisfies(e -> assertThat(((Enable) e).queues()).hasSize(1023));
  }

  @Test
  void aDeviceThatServedIsOnlySuspendedBeforeItIsStagedAgain() {
    commit(Setups.of(2, 0));
    assertThat(stage(Setups.of(2, 0), false)).containsExactly(new BackEndStep.Suspend());
    assertThat(commit(Setups.of(2, 0)))
        .containsExactly(new LoadState(Setups.positions(2)), new Enable(List.of(0, 1)));
  }

  @Test
  void aDeviceThatIsLoadedIsOnlyEnabled() {
    Optional<List<QueuePosition>> positions = Optional.of(Setups.positions(2));
    carryOut(BackEndPlan.between(applied, Setups.of(2, 0), false, positions, false));
    assertThat(BackEndPlan.between(applied, Setups.of(2, 0), true, positions, false)).isEmpty();
    assertThat(carryOut(BackEndPlan.between(applied, Setups.of(2, 0), true, positions, true)))
        .containsExactly(new Enable(List.of(0, 1)));
    assertThat(BackEndPlan.between(applied, Setups.of(2, 0), true, positions, true)).isEmpty();
  }

  @Test
  void aDeviceThatIsGoneHasForgottenEverything() {
    commit(Setups.of(2, 0));
    applied.forget();
    assertThat(commit(Setups.of(2, 0)))
        .filteredOn(s -> s instanceof Pin || s.equals(new SetUpQueue(Setups.queue(0, 0), true)))
        .hasSize(3);
  }

  @Test
  void afterAFailureOnlyAResetLeadsBack() {
    stage(Setups.of(2, 0));
    applied.uncertain();
    assertThat(stage(Setups.of(2, 0))).startsWith(new Reset()).noneMatch(Pin.class::isInstance);
    assertThat(stage(Setups.of(2, 0))).isEmpty();
  }

  @Test
  void aDriverThatLeavesLeavesNothingBehind() {
    stage(Setups.of(2, 0));
    assertThat(stage(Setups.withoutDriver())).containsExactly(new Reset());
    assertThat(stage(Setups.withoutDriver())).isEmpty();
  }
}
