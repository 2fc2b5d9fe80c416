package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationOutcome;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Which form the network device moves in, for every mode on either side. A walk from host to host:
 * each has its own mode and is first the destination, then the source.
 */
class IterativeModeGuestTest extends GuestTest {
  @Test
  void newestMachine() throws IOException, InterruptedException {
    // The shared guest begins on a host with "on".
    refused(guest, "on", "off");
    moves(guest, "on", "on", true);
    moves(guest, "on", "auto", true);
    moves(guest, "auto", "auto", true);
    moves(guest, "auto", "off", false);
    refused(guest, "off", "on");
    moves(guest, "off", "off", false);
    moves(guest, "off", "auto", false);
    moves(guest, "auto", "on", true);
  }

  /** The mode {@code auto} of this version means {@code off}, as it did when it was current. */
  @Test
  void oldMachine() throws IOException, InterruptedException {
    Hardware old = Hardware.usual().with("-M", "virt-1.0").withNetwork("iterative-mig", "auto");
    try (MovingGuest another = MovingGuest.boot(old, "beat=50")) {
      refused(another, "off", "on");
      moves(another, "auto", "auto", false);
      moves(another, "auto", "off", false);
    }
  }

  private static void moves(MovingGuest guest, String from, String to, boolean iterative)
      throws IOException, InterruptedException {
    MigrationOutcome outcome = guest.moveTo(guest.destination(with(guest, to)));
    assertThat(DeviceTable.of(outcome.source().orElseThrow()).iterative("virtio-net"))
        .as("iterative from %s to %s, as the source tells", from, to)
        .isEqualTo(iterative);
    assertThat(DeviceTable.of(guest.host().migration()).iterative("virtio-net"))
        .as("iterative from %s to %s, as the destination tells", from, to)
        .isEqualTo(iterative);
    guest.runsOn();
  }

  private static void refused(MovingGuest guest, String from, String to)
      throws IOException, InterruptedException {
    try (Host destination = guest.destination(with(guest, to))) {
      assertThat(guest.refusedBy(destination, destination.listen()))
          .containsPattern("iterative-mig: %s.* on the source, %s on".formatted(from, to));
      guest.runsOn();
    }
  }

  private static Hardware with(MovingGuest guest, String mode) {
    return guest.hardware().withNetwork("iterative-mig", mode);
  }
}
