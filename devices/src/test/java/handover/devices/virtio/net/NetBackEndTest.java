package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.Await;
import handover.devices.virtio.Saving;
import handover.devices.virtio.backend.BackEndStep;
import handover.devices.virtio.backend.BackEndStep.Command;
import handover.devices.virtio.backend.BackEndStep.Enable;
import handover.devices.virtio.backend.BackEndStep.LoadState;
import handover.devices.virtio.backend.BackEndStep.Reset;
import handover.devices.virtio.backend.BackEndStep.SetUpQueue;
import handover.devices.virtio.backend.ControlCommand.SetVlan;
import handover.devices.virtio.backend.DataPlane;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The network device in front of a back end that must be set up before it serves. */
@Timeout(20)
class NetBackEndTest {
  private static final String OPTIONS = ",mq=on,queues=2";
  private static final int CONTROL = 4;

  private final Semaphore permits = new Semaphore(Integer.MAX_VALUE);
  private final List<BackEndStep> steps = new CopyOnWriteArrayList<>();
  private final List<BackEndStep> stepsThere = new CopyOnWriteArrayList<>();
  private final DataPlane plane = new DataPlane("here", this::perform, System::nanoTime);
  private final DataPlane planeThere = new DataPlane("there", stepsThere::add, System::nanoTime);
  private final NetGuest source = new NetGuest(new Wire(plane), OPTIONS);
  private final NetGuest destination =
      new NetGuest(source.guest.memory(), new Wire(planeThere), OPTIONS);

  private void perform(BackEndStep step) throws InterruptedException {
    permits.acquire();
    steps.add(step);
  }

  @AfterEach
  void close() {
    source.close();
    destination.close();
    plane.close();
    planeThere.close();
  }

  private VirtioNetState early() {
    return Saving.early(source.device, destination.device);
  }

  private void start() {
    source.start(0, 64, 64, 64, 64, 64);
    Await.until("the data plane serves", plane::serving);
    source.buffers(0, 60, 1526);
    assertThat(source.command(CONTROL, 4, 0, 2, 0)).isZero();
    assertThat(source.command(CONTROL, 2, 0, 9, 0)).isZero();
    source.transmit(1, new byte[NetHeader.BYTES], NetGuest.frame(1, 60));
  }

  private void commit() {
    source.device.pause();
    destination.device.commit(Saving.throughGroups(source.device, destination.device));
  }

  @Test
  void framesWaitUntilTheBackEndServes() {
    permits.drainPermits();
    source.start(0, 64, 64, 64, 64, 64);
    source.buffers(0, 10, 1526);
    source.wire.deliver(NetGuest.frame(3, 60));
    Await.until("the first step", () -> permits.hasQueuedThreads());
    assertThat(plane.serving()).isFalse();
    permits.release(1000);
    assertThat(source.receive(0)).isEqualTo(NetGuest.frame(3, 60));
    assertThat(steps).filteredOn(SetUpQueue.class::isInstance).hasSize(5);
    assertThat(steps).endsWith(new Enable(List.of(0, 1, 2, 3, 4)));
  }

  @Test
  void theCommitPaysForWhatChangedAndTheEnabling() {
    start();
    destination.device.stage(early()).toCompletableFuture().join();
    assertThat(stepsThere).filteredOn(SetUpQueue.class::isInstance).hasSize(5);
    assertThat(source.command(CONTROL, 2, 1, 9, 0)).isZero();
    assertThat(source.command(CONTROL, 2, 0, 11, 0)).isZero();
    int before = stepsThere.size();
    commit();
    assertThat(stepsThere.subList(before, stepsThere.size()))
        .hasSize(4)
        .startsWith(new Command(new SetVlan(9, false)), new Command(new SetVlan(11, true)))
        .endsWith(new Enable(List.of(0, 1, 2, 3, 4)));
    assertThat(stepsThere.get(before + 2))
        .isInstanceOfSatisfying(
            LoadState.class, load -> assertThat(load.positions().get(1).lastAvailable()).isOne());
    assertThat(planeThere.serving()).isTrue();
    assertThat(destination.device.backEndBudget()).isPresent();
  }

  @Test
  void stagingAgainPaysForTheDifference() {
    start();
    destination.device.stage(early()).toCompletableFuture().join();
    int before = stepsThere.size();
    destination.device.stage(early()).toCompletableFuture().join();
    assertThat(stepsThere).hasSize(before);
    assertThat(source.command(CONTROL, 2, 1, 9, 0)).isZero();
    destination.device.stage(early()).toCompletableFuture().join();
    assertThat(stepsThere).hasSize(before + 1).endsWith(new Command(new SetVlan(9, false)));
  }

  @Test
  void withoutStagingTheCommitPaysForEverything() {
    start();
    commit();
    assertThat(stepsThere).filteredOn(SetUpQueue.class::isInstance).hasSize(5);
    assertThat(stepsThere).endsWith(new Enable(List.of(0, 1, 2, 3, 4)));
    assertThat(destination.device.backEndBudget().orElseThrow().early().total()).isZero();
  }

  @Test
  void controlCommandsReachABackEndInUse() {
    start();
    assertThat(source.command(CONTROL, 2, 0, 7, 0)).isZero();
    Await.until("the command", () -> steps.contains(new Command(new SetVlan(7, true))));
    assertThat(steps).filteredOn(Enable.class::isInstance).hasSize(1);
  }

  @Test
  void anAbortedStageLeavesNoQueueBehind() {
    start();
    destination.device.stage(early()).toCompletableFuture().join();
    destination.device.abort();
    Await.until("a reset", () -> stepsThere.getLast() instanceof Reset);
    destination.device.stage(early()).toCompletableFuture().join();
    assertThat(stepsThere).filteredOn(SetUpQueue.class::isInstance).hasSize(10);
  }
}
