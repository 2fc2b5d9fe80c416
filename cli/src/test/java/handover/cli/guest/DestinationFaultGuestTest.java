package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationOutcome;
import handover.monitor.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The destination is not there, or dies: the guest runs on, and the next attempt succeeds. */
class DestinationFaultGuestTest extends GuestTest {
  private static final long SLOW = 2 << 20;

  @Test
  void absent() throws IOException, InterruptedException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    guest.host().migrate("tcp:127.0.0.1:" + nobody);
    assertThat(failure()).contains("cannot reach the destination", "" + nobody, "-incoming");
    nextSucceeds();
  }

  @Test
  void killedAtSetUp() throws IOException, InterruptedException {
    Host victim = guest.destination();
    victim.listen();
    // The first time the last section is named it is in the offer: nothing has been agreed yet.
    try (MarkerProxy proxy = new MarkerProxy(victim.port(), "globalstate", 1, victim::kill)) {
      guest.host().migrate(proxy.uri());
      assertThat(failure()).contains("connection to the destination ended", "migrate again");
      assertThat(proxy.reached()).as("the offer was sent").isTrue();
    }
    nextSucceeds();
  }

  @Test
  void killedInTheMiddleOfMemory() throws IOException, InterruptedException {
    Host victim = guest.destination();
    Host source = guest.host();
    String uri = victim.listen();
    source.parameter("max-bandwidth", SLOW);
    source.migrate(uri);
    source.awaitMigration("a part of memory to be sent", m -> is(m, "active") && sent(m) > SLOW);
    victim.kill();
    assertThat(failure()).contains("connection to the destination ended", "migrate again");
    source.parameter("max-bandwidth", 0);
    nextSucceeds();
  }

  @Test
  void killedAtTheFinalSection() throws IOException, InterruptedException {
    Host victim = guest.destination();
    victim.listen();
    // Named in the offer first; the second time it is the last section of the stream.
    try (MarkerProxy proxy = new MarkerProxy(victim.port(), "globalstate", 2, victim::kill)) {
      guest.host().migrate(proxy.uri());
      assertThat(failure()).contains("connection to the destination ended", "migrate again");
      assertThat(proxy.reached()).as("the final section was sent").isTrue();
    }
    nextSucceeds();
  }

  @Test
  void cancelledInTheMiddleOfMemory() throws IOException, InterruptedException {
    Host destination = guest.destination();
    Host source = guest.host();
    String uri = destination.listen();
    source.parameter("max-bandwidth", SLOW);
    source.migrate(uri);
    source.awaitMigration("a part of memory to be sent", m -> is(m, "active") && sent(m) > SLOW);
    source.ask("migrate_cancel");
    assertThat(source.awaitEnd(destination).text("status")).contains("cancelled");
    destination.awaitEnd(source);
    assertThat(destination.error()).contains("the migration was cancelled on the source");
    source.parameter("max-bandwidth", 0);
    guest.runsOn();
    assertIterative(guest.moveTo(destination));
    guest.runsOn();
  }

  /** Waits for the failure and returns its reason; by then the guest must be running again. */
  private String failure() throws InterruptedException {
    Json.Obj end = guest.host().awaitEnd();
    assertThat(end.text("status")).as(end.toString()).contains("failed");
    guest.runsOn();
    return end.text("error-desc").orElse("");
  }

  private void nextSucceeds() throws IOException, InterruptedException {
    assertIterative(guest.move());
    guest.runsOn();
  }

  private static void assertIterative(MigrationOutcome outcome) {
    assertThat(DeviceTable.of(outcome.source().orElseThrow()).iterative("virtio-net")).isTrue();
  }

  private static boolean is(Json.Obj migration, String status) {
    return migration.text("status").equals(Optional.of(status));
  }

  private static long sent(Json.Obj migration) {
    return migration.object("ram").orElse(Json.Obj.EMPTY).whole("transferred").orElse(0);
  }
}
