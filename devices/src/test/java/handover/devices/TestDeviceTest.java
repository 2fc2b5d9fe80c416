package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TestDeviceTest {
  private final List<String> heard = new ArrayList<>();
  private final TestDevice device =
      new TestDevice(
          new TestDevice.Listener() {
            @Override
            public void powerOff(int code) {
              heard.add("off " + code);
            }

            @Override
            public void reset() {
              heard.add("reset");
            }
          });

  @Test
  void understandsPassFailAndReset() {
    device.store(0, 4, 0x5555);
    device.store(0, 4, 0x7_3333);
    device.store(0, 2, 0x7777);
    assertThat(heard).containsExactly("off 0", "off 7", "reset");
  }

  @Test
  void ignoresEverythingElse() {
    device.store(4, 4, 0x5555);
    device.store(0, 4, 0x1234);
    device.store(0, 1, 0x55);
    assertThat(device.load(0, 4)).isZero();
    assertThat(heard).isEmpty();
  }
}
