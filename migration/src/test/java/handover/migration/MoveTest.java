package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.IterativeMigration;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MoveTest {
  private final FakeMachine source = new FakeMachine(16, 3);
  private final FakeMachine destination = new FakeMachine(16, 3);
  private final MigrationEngine out = new MigrationEngine(source, "source");
  private final MigrationEngine in = new MigrationEngine(destination, "destination");

  @AfterEach
  void close() {
    out.close();
    in.close();
    source.close();
    destination.close();
  }

  private void move(String uri) {
    source.fill(3);
    source.run();
    out.migrate(uri);
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(out.query().status()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(Await.ended(in).status()).isEqualTo(MigrationStatus.COMPLETED);
    destination.stopForMigration();
  }

  private String tcp() {
    InetSocketAddress at = (InetSocketAddress) in.listen("tcp:127.0.0.1:0");
    return "tcp:127.0.0.1:" + at.getPort();
  }

  @Test
  void classicOverTcp() {
    out.settings().set(Capability.X_VERIFY_RAM, true);
    in.settings().set(Capability.X_VERIFY_RAM, true);
    destination.fill(5);
    move(tcp());
    assertThat(source.handedOver).isTrue();
    assertThat(source.running()).isFalse();
    assertThat(destination.devices.get(0).stages).hasValue(0);
    MigrationInfo info = out.query();
    assertThat(info.downtime().orElseThrow()).isPositive();
    assertThat(info.blackout().orElseThrow()).isGreaterThanOrEqualTo(info.downtime().getAsLong());
    assertThat(info.ram().normal()).isPositive();
    assertThat(info.ram().duplicate()).isPositive();
    assertThat(info.devices()).hasSize(3).allMatch(d -> d.finalBytes() > 0 && !d.iterative());
  }

  @Test
  void iterativeOverUnix(@TempDir Path folder) {
    source.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
    destination.devices.forEach(d -> d.mode = IterativeMigration.ON);
    source.devices.get(1).set(77, 5, 6, 7, 8);
    String uri = "unix:" + folder.resolve("m.sock");
    in.listen(uri);
    move(uri);
    assertThat(destination.devices).allMatch(d -> d.stages.get() >= 1 && d.aborts.get() == 0);
    assertThat(out.query().devices()).allMatch(d -> d.iterative() && d.earlyBytes() > 300);
    assertThat(destination.devices.get(1).snapshot().features).isEqualTo(77);
  }

  @Test
  void thereAndBackAgain() {
    move(tcp());
    destination.run();
    InetSocketAddress at = (InetSocketAddress) out.listen("tcp:127.0.0.1:0");
    in.migrate("tcp:127.0.0.1:" + at.getPort());
    assertThat(Await.ended(in).error()).isEmpty();
    assertThat(Await.ended(out).status()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(source.running()).isTrue();
    assertThat(source.handedOver).isFalse();
    Await.until(() -> "announcements", () -> source.announces.get() > 0);
  }
}
