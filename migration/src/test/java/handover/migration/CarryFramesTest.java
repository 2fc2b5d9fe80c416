package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames follow the guest: each once, in order, wherever it ends up. */
class CarryFramesTest {
  private final FakeNetwork network = new FakeNetwork();

  private Pair pair() {
    FakeMachine source = new FakeMachine(8, 1);
    FakeMachine destination = new FakeMachine(8, 1);
    source.networks.add(new FakeNet(network, network.source));
    destination.networks.add(new FakeNet(network, network.destination));
    return new Pair(source, destination);
  }

  /** Sends frames until told to stop. */
  private Thread traffic() {
    return Thread.ofPlatform()
        .start(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                network.send();
                LockSupport.parkNanos(50_000);
              }
            });
  }

  private static void end(Thread traffic) throws InterruptedException {
    traffic.interrupt();
    traffic.join();
  }

  private List<Integer> got() {
    List<Integer> all = new ArrayList<>(network.source.got());
    all.addAll(network.destination.got());
    return all;
  }

  private List<Integer> all() {
    return IntStream.range(0, network.sent()).boxed().toList();
  }

  @Test
  void everyFrameReachesTheGuestOnceAndInOrder() throws InterruptedException {
    try (Pair pair = pair()) {
      Thread traffic = traffic();
      pair.succeeding(pair.listen());
      int moved = network.sent();
      Await.until(() -> "frames after the move", () -> network.sent() > moved + 100);
      end(traffic);
      Await.until(
          () -> "%d of %d frames".formatted(got().size(), network.sent()),
          () -> got().size() >= network.sent());
      assertThat(got()).isEqualTo(all());
      assertThat(network.destination.got()).isNotEmpty();
      timed(pair.out.query());
    }
  }

  private static void timed(MigrationInfo info) {
    assertThat(info.timings().spans())
        .extracting(MigrationInfo.Span::side, MigrationInfo.Span::phase)
        .contains(
            org.assertj.core.groups.Tuple.tuple("source", "stop"),
            org.assertj.core.groups.Tuple.tuple("source", "await started"),
            org.assertj.core.groups.Tuple.tuple("destination", "load"),
            org.assertj.core.groups.Tuple.tuple("destination", "start"));
    assertThat(info.timings().spans()).allMatch(s -> s.length() >= 0);
    assertThat(info.timings().jvm()).hasSize(2);
    assertThat(info.timings().destinationDowntime().getAsLong()).isPositive();
  }

  @Test
  void withoutTheCapabilityOnOneSideNothingIsCarried() throws InterruptedException {
    try (Pair pair = pair()) {
      pair.in.settings().set(Capability.CARRY_FRAMES, false);
      String uri = pair.listen();
      pair.succeeding(uri);
      assertThat(network.destination.got()).isEmpty();
    }
  }

  @Test
  void aNetworkThatNeverAnnouncesDelaysTheEndOnlyForTheTimeGiven() {
    try (Pair pair = pair()) {
      pair.in.settings().set(Parameter.ANNOUNCE_ROUNDS, 0);
      pair.out.settings().set(Parameter.X_CARRY_FRAMES_TIME, 50);
      pair.succeeding(pair.listen());
    }
  }

  @Test
  void afterAFailedMoveTheSourcesGuestMissesNothing() throws InterruptedException {
    try (Pair pair = pair()) {
      Thread traffic = traffic();
      pair.destination.devices.get(0).refuseCommit = "no";
      pair.failing(pair.listen());
      end(traffic);
      assertThat(network.source.got()).isEqualTo(all());
      assertThat(network.destination.got()).isEmpty();
    }
  }

  @Test
  void aGuestThatMayHaveToStayGetsItsFramesBack() {
    network.source.running(false);
    network.send();
    network.send();
    StreamOutput out = new StreamOutput(CarryFramesTest::swallow, 1 << 16);
    FrameForwarding forwarding = new FrameForwarding(out);
    forwarding.add(0, network.source);
    forwarding.begin(Thread.currentThread());
    forwarding.sendWaiting();
    assertThat(forwarding.frames()).isEqualTo(2);
    network.send();
    forwarding.takeBack();
    network.source.running(true);
    assertThat(network.source.got()).containsExactly(0, 1, 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 13, 65551, Integer.MAX_VALUE})
  void aFrameOfALengthThatCannotBeIsRefused(int length) {
    WireWriter message = new WireWriter();
    message.u8(7);
    message.u32(9 + 14);
    message.u16(0);
    message.u8(0);
    message.u16(1);
    message.u32(length);
    message.bytes(new byte[14]);
    assertThatThrownBy(() -> SourceMessage.read(new WireReader(message.toByteArray())))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("a frame of 14 to 65550 bytes");
  }

  private static int swallow(java.nio.ByteBuffer bytes) {
    int count = bytes.remaining();
    bytes.position(bytes.limit());
    return count;
  }
}
