package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.IterativeMigration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
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
  void throughAFile(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("guest"), new byte[10_000]);
    source.fill(3);
    source.run();
    out.migrate("file:" + file + ",offset=4096");
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(source.handedOver).isTrue();
    assertThat(Files.readAllBytes(file)).startsWith(new byte[4096]);
    destination.pagesPerTick = 0;
    in.listen("file:" + file + ",offset=4096");
    assertThat(Await.ended(in).error()).isEmpty();
    assertThat(destination.running()).isTrue();
    destination.stopForMigration();
    assertThat(destination.memoryDigest()).isEqualTo(source.memoryDigest());
  }

  @Test
  void aFileThatCannotBeWrittenLeavesTheGuestHere(@TempDir Path folder) {
    source.run();
    out.migrate("file:" + folder.resolve("no/where"));
    assertThat(Await.ended(out).error().orElseThrow()).contains("cannot write file");
    assertThat(source.running()).isTrue();
    assertThatThrownBy(() -> in.listen("file:" + folder.resolve("nothing")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing");
  }

  /** Early state needs an answer: what was forced is refused before anything is written. */
  @Test
  void aForcedDeviceDoesNotGoThroughAFile(@TempDir Path folder) {
    source.devices.get(0).mode = IterativeMigration.ON;
    source.run();
    out.migrate("file:" + folder.resolve("guest"));
    MigrationInfo refused = Await.ended(out);
    assertThat(refused.status()).isEqualTo(MigrationStatus.FAILED);
    assertThat(refused.error().orElseThrow())
        .contains("fake0.iterative-mig: on on the source, unknown (a file cannot be asked) on")
        .contains("set iterative-mig=auto or off on the source");
    assertThat(folder.resolve("guest")).isEmptyFile();
    assertThat(source.running()).isTrue();
  }

  @Test
  void aForcedDeviceTakesNoStreamWithoutAnOffer(@TempDir Path folder) {
    source.run();
    String uri = "file:" + folder.resolve("guest");
    out.migrate(uri);
    assertThat(Await.ended(out).error()).isEmpty();
    destination.devices.get(1).mode = IterativeMigration.ON;
    in.listen(uri);
    Await.until(() -> "a refusal", () -> in.query().status() == MigrationStatus.FAILED);
    assertThat(in.query().error().orElseThrow())
        .contains("fake1.iterative-mig: absent")
        .contains("on the source, on on the destination");
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

  @Test
  void aResetOnTheWayStartsANewEpoch() {
    source.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
    destination.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
    source.devices.get(1).set(77, 5, 6, 7, 8);
    source.fill(1);
    source.run();
    out.settings().set(Parameter.MAX_BANDWIDTH, 8 << 20);
    out.migrate(tcp());
    FakeDevice there = destination.devices.get(1);
    Await.until(() -> "the first early state", () -> there.stages.get() >= 1);
    source.devices.get(1).reset();
    source.devices.get(1).set(99, 1, 2, 3, 0);
    Await.until(() -> "the second epoch", () -> there.stages.get() >= 2);
    source.devices.get(0).control(42);
    out.settings().set(Parameter.MAX_BANDWIDTH, 0);
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(Await.ended(in).status()).isEqualTo(MigrationStatus.COMPLETED);
    destination.stopForMigration();
    assertThat(there.aborts).hasValue(1);
    assertThat(there.snapshot().features).isEqualTo(99);
    assertThat(destination.devices.get(0).snapshot().table[7]).isEqualTo((byte) 42);
    assertThat(out.query().devices()).allMatch(MigrationInfo.Device::iterative);
    assertThat(out.query().devices().get(1).resends()).isPositive();
  }

  @Test
  void aDeviceThatIsNotPreparedInTimeGoesClassic() {
    source.devices.get(0).mode = IterativeMigration.AUTO;
    FakeDevice slow = destination.devices.get(0);
    slow.mode = IterativeMigration.AUTO;
    slow.stageGate = new CountDownLatch(1);
    out.settings().set(Parameter.X_SWITCHOVER_ACK_TIMEOUT, 50);
    source.devices.get(0).set(77, 5, 6, 7, 8);
    source.run();
    out.migrate(tcp());
    Await.until(() -> "the classic section", () -> out.query().devices().get(0).finalBytes() > 0);
    slow.stageGate.countDown();
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(Await.ended(in).status()).isEqualTo(MigrationStatus.COMPLETED);
    assertThat(slow.aborts).as("what was prepared is built upon").hasValue(0);
    assertThat(slow.snapshot().features).isEqualTo(77);
  }

  @Test
  void aPeerWithoutReturnPathIsServedBlindly() {
    out.settings().set(Capability.RETURN_PATH, false);
    move(tcp());
    assertThat(out.query().downtime()).isEmpty();
  }

  @Test
  void aPausedGuestMovesToo() {
    out.migrate(tcp());
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(out.query().downtime()).isEmpty();
    assertThat(source.handedOver).isTrue();
  }

  @Test
  void aGuestThatOutrunsTheLimitIsSentUntilTheLimitIsLifted() {
    source.fill(1);
    source.span = 4096;
    source.pagesPerTick = 64;
    source.run();
    out.settings().set(Parameter.MAX_BANDWIDTH, 16 << 20);
    out.settings().set(Parameter.DOWNTIME_LIMIT, 1);
    out.migrate(tcp());
    Await.until(() -> "the third round " + out.query(), () -> out.query().ram().rounds() >= 3);
    assertThat(out.query().status()).isEqualTo(MigrationStatus.ACTIVE);
    assertThat(out.query().expectedDowntime().orElseThrow()).isGreaterThan(1_000);
    assertThat(out.query().ram().dirtyPagesRate()).isPositive();
    out.settings().set(Parameter.MAX_BANDWIDTH, 0);
    out.settings().set(Parameter.DOWNTIME_LIMIT, 2_000);
    assertThat(Await.ended(out).error()).isEmpty();
  }
}
