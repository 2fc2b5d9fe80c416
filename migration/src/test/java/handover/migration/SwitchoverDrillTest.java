package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.GroupForm;
import handover.vmstate.IterativeMigration;
import handover.vmstate.StreamException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Devices go through the motions of a switchover, early and classic ones, and are there anew. */
class SwitchoverDrillTest {
  private final FakeMachine from = new FakeMachine(1, 2);
  private final FakeMachine to = new FakeMachine(1, 2);

  @AfterEach
  void close() {
    from.close();
    to.close();
  }

  @Test
  void everyDeviceIsCommittedInItsForm() {
    to.devices.get(0).mode = IterativeMigration.AUTO;
    from.devices.get(0).mode = IterativeMigration.AUTO;
    from.devices.forEach(device -> device.set(7, 8, 9, 10, 11));
    new SwitchoverDrill(from, to).play();
    for (int i = 0; i < 2; i++) {
      assertThat(digest(to.devices.get(i))).isEqualTo(digest(from.devices.get(i)));
      assertThat(to.devices.get(i).aborts).hasValue(1);
    }
    assertThat(to.devices.get(0).stages).hasValue(1);
    assertThat(to.devices.get(1).stages).hasValue(0);
  }

  @Test
  void againAndAgainWhileTheGuestGoesOn() {
    from.devices.forEach(device -> device.mode = IterativeMigration.AUTO);
    to.devices.forEach(device -> device.mode = IterativeMigration.AUTO);
    SwitchoverDrill drill = new SwitchoverDrill(from, to);
    for (int i = 0; i < 100; i++) {
      from.devices.get(i & 1).control(i);
      from.devices.get(i & 1).tick();
      drill.play();
    }
    assertThat(digest(to.devices.get(1))).isEqualTo(digest(from.devices.get(1)));
  }

  @Test
  void aDeviceThatRefusesIsHeard() {
    to.devices.get(1).refuseCommit = "no";
    SwitchoverDrill drill = new SwitchoverDrill(from, to);
    assertThatThrownBy(drill::play).isInstanceOf(StreamException.class).hasMessageContaining("no");
  }

  private static byte[] digest(FakeDevice device) {
    return GroupForm.digest(FakeDevice.DECLARATION, device.snapshot());
  }
}
