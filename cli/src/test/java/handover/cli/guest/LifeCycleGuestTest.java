package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.lab.PulseControl;
import handover.monitor.client.QmpEvent;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Stopping, resetting and ending a guest, also around a move. */
class LifeCycleGuestTest extends GuestTest {
  private static final Pattern READY = Pattern.compile("pulse: ready");
  private static final int CONTROL_MOVES = 5;

  @Test
  void stopHoldsTheGuestAndContLetsItGo() throws InterruptedException {
    Host host = guest.host();
    host.ask("stop");
    assertEvent(host, "STOP");
    assertThat(host.status()).isEqualTo("paused");
    host.ask("cont");
    assertEvent(host, "RESUME");
    guest.runsOn();
  }

  @Test
  void pausedGuestStaysPaused() throws IOException, InterruptedException {
    guest.host().ask("stop");
    Host destination = guest.destination();
    guest.moveTo(destination);
    assertThat(destination.status()).isEqualTo("paused");
    assertThat(destination.process().console().since(0)).as("printed while paused").isEmpty();
    destination.ask("cont");
    guest.runsOn();
  }

  @Test
  void resetBootsAgain() throws InterruptedException {
    Host host = guest.host();
    int from = host.process().console().position();
    host.ask("system_reset");
    assertEvent(host, "RESET");
    host.awaitConsole(READY, from);
    guest.beginAgain();
    guest.runsOn();
  }

  @Test
  void resetWhileMemoryMoves() throws IOException, InterruptedException {
    Host source = guest.host();
    Host destination = guest.destination();
    String uri = destination.listen();
    source.parameter("max-bandwidth", 4 << 20);
    source.migrate(uri);
    source.awaitMigration("memory to move", m -> m.toString().contains("\"active\""));
    int from = source.process().console().position();
    source.ask("system_reset");
    source.awaitConsole(READY, from);
    source.parameter("max-bandwidth", 0);
    arrives(source, destination);
    guest.arrivedAt(destination);
    guest.beginAgain();
    guest.runsOn();
  }

  /** The guest asks for a reset, and is moved away before it is answered. */
  @Test
  void rebootAtSwitchover() throws IOException, InterruptedException {
    Host source = guest.host();
    Host destination = guest.destination();
    String uri = destination.listen();
    int from = source.process().console().position();
    PulseControl control = guest.control();
    assertThat(control.ask("reboot", Host.LIMIT)).hasValue("pulse: rebooting");
    source.migrate(uri);
    arrives(source, destination);
    guest.arrivedAt(destination);
    if (!READY.matcher(source.process().console().since(from)).find()) {
      destination.awaitConsole(READY, 0);
    }
    guest.beginAgain();
    guest.runsOn();
  }

  @Test
  void controlQueueInUse() throws IOException, InterruptedException {
    PulseControl control = guest.control();
    assertThat(control.ask("ctrl=200", Host.LIMIT)).hasValue("pulse: ok");
    for (int i = 0; i < CONTROL_MOVES; i++) {
      guest.move();
      guest.runsOn();
    }
    assertThat(control.ask("verify", Host.LIMIT).orElse("no answer"))
        .contains("verify ok")
        .contains("corrupt=0")
        .contains("refused=0");
    assertThat(control.ask("ctrl=0", Host.LIMIT)).hasValue("pulse: ok");
  }

  @Test
  void quitEndsTheProcess() throws InterruptedException {
    Host host = guest.host();
    host.ask("quit");
    assertEvent(host, "SHUTDOWN");
    assertThat(host.process().process().waitFor(Host.LIMIT.toSeconds(), TimeUnit.SECONDS))
        .as(host.log())
        .isTrue();
    assertThat(host.process().process().exitValue()).as(host.log()).isZero();
  }

  @Test
  void powerOffEndsTheProcess() throws IOException, InterruptedException {
    Host host = guest.host();
    assertThat(guest.control().ask("poweroff", Host.LIMIT)).hasValue("pulse: powering off");
    assertThat(host.process().process().waitFor(Host.LIMIT.toSeconds(), TimeUnit.SECONDS))
        .as(host.log())
        .isTrue();
    assertThat(host.process().process().exitValue()).as(host.log()).isZero();
  }

  private static void arrives(Host source, Host destination) throws InterruptedException {
    assertThat(source.awaitEnd(destination).text("status"))
        .as(Host.describe(source, destination))
        .contains("completed");
    destination.awaitStatus("running", source);
  }

  private static void assertEvent(Host host, String name) throws InterruptedException {
    assertThat(host.process().qmp().awaitEvent(e -> named(e, name), Host.LIMIT))
        .as("event %s; %s", name, host.describe())
        .isPresent();
  }

  private static boolean named(QmpEvent event, String name) {
    return event.name().equals(name);
  }
}
