package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.PropertyValues;
import handover.devices.virtio.backend.BackEndStep;
import handover.devices.virtio.backend.ControlCommand;
import handover.devices.virtio.backend.QueuePosition;
import handover.devices.virtio.backend.QueueSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VdpaSimTest {
  private static final QueueSetup QUEUE = new QueueSetup(0, 256, 1, 2, 3);

  private final Netdevs netdevs = new Netdevs();
  private final List<String> problems = new ArrayList<>();

  private static VdpaCosts costs(Map<String, String> given) {
    return VdpaCosts.of(
        PropertyValues.bind(
            "test",
            VdpaCosts.declared(),
            given,
            problem -> {
              throw new AssertionError(problem);
            }));
  }

  @Test
  void everyStepCostsWhatWasStated() {
    VdpaCosts costs =
        costs(
            Map.of(
                "device-ms", "1",
                "vq-create-us", "20",
                "vq-modify-us", "3",
                "vq-state-us", "4",
                "ctrl-us", "5",
                "enable-us", "6",
                "pin-ms-per-gib", "1024"));
    assertThat(costs.of(new BackEndStep.Pin(1 << 20))).isEqualTo(1_000_000);
    assertThat(costs.of(new BackEndStep.Reset())).isZero();
    assertThat(costs.of(new BackEndStep.SetUpQueue(QUEUE, true))).isEqualTo(23_000);
    assertThat(costs.of(new BackEndStep.SetUpQueue(QUEUE, false))).isEqualTo(3_000);
    assertThat(costs.of(new BackEndStep.Command(new ControlCommand.SetQueuePairs(2))))
        .isEqualTo(5_000);
    List<QueuePosition> two = List.of(new QueuePosition(0, 0, 0), new QueuePosition(1, 0, 0));
    assertThat(costs.of(new BackEndStep.LoadState(two))).isEqualTo(8_000);
    assertThat(costs.of(new BackEndStep.Enable(List.of(0, 1)))).isEqualTo(6_000);
  }

  /** 8 pairs and the control queue, and the ten commands of a usual driver. */
  @Test
  void theDefaultsComeToThePublishedFigure() {
    VdpaCosts costs = costs(Map.of());
    long nanos =
        costs.device() + 17 * (costs.createQueue() + costs.modifyQueue()) + 10 * costs.command();
    assertThat(nanos).isBetween(241_000_000L, 269_000_000L);
    assertThat(costs.of(new BackEndStep.Pin(128L << 30)))
        .isBetween(26_000_000_000L, 31_000_000_000L);
  }

  @Test
  void framesGoThroughTheBackEndNamed() {
    open("hubport", Map.of("id", "there", "hubid", "0"));
    open("hubport", Map.of("id", "wire", "hubid", "0"));
    Netdev vdpa = open("vdpa-sim", Map.of("id", "v", "backend", "wire")).orElseThrow();
    List<Integer> arrived = new ArrayList<>();
    vdpa.attach((frame, offset, length) -> arrived.add(length));
    netdevs
        .open("hubport", Map.of("id", "far", "hubid", "0"), problems::add)
        .orElseThrow()
        .send(new byte[60], 0, 60);
    assertThat(arrived).containsExactly(60);
    assertThat(vdpa.dataPlane()).isPresent();
    assertThat(vdpa.describe()).contains("backend=wire", "not serving");
    vdpa.close();
  }

  @Test
  void aBackEndThatIsNotThereIsNamed() {
    open("none", Map.of("id", "wire"));
    assertThat(open("vdpa-sim", Map.of("id", "v", "backend", "wir"))).isEmpty();
    assertThat(open("vdpa-sim", Map.of("id", "v"))).isEmpty();
    assertThat(problems).hasSize(2);
    assertThat(problems.get(0)).contains("backend=wir ").contains("'wire'");
    assertThat(problems.get(1)).contains("backend= is missing");
  }

  @Test
  void waitingLastsAsLongAsItShould() throws InterruptedException {
    long began = System.nanoTime();
    Waiting.real(2_000_000);
    assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(2_000_000);
  }

  private Optional<Netdev> open(String kind, Map<String, String> given) {
    return netdevs.open(kind, given, problems::add);
  }
}
