package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.virtio.StateBytes;
import handover.devices.virtio.TestGuest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The network device's state as it arrives, classic and group by group. */
class NetStateFuzzTest {
  private static final long BYTES = 32 << 20;
  private static final TestGuest SHARED = new TestGuest();

  static Stream<byte[]> seeds() {
    try (NetGuest net = new NetGuest(",mq=on").start(0, 16, 16, 16)) {
      return StateBytes.seeds(net.device);
    }
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void states(byte[] input) throws Exception {
    try (NetGuest net = new NetGuest(SHARED.memory(), ",mq=on")) {
      Bounds.hold(BYTES, () -> assertThat(StateBytes.load(net.device, input)).isNotNull());
    }
  }
}
