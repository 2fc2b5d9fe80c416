package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.IterativeMigration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults that must end well: the guest runs on, both sides say why, the next attempt succeeds. */
class FaultTest {
  private Pair pair = new Pair();

  @AfterEach
  void close() {
    pair.close();
  }

  private Pair iterative() {
    pair.source.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
    pair.destination.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
    return pair;
  }

  @Test
  void destinationAbsent() throws IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    String reason = pair.failing("tcp:127.0.0.1:" + nobody);
    assertThat(reason).contains("cannot reach the destination", "" + nobody, "-incoming");
    assertThat(pair.source.resumes).hasValue(0);
    pair.succeeding(pair.listen());
  }

  @Test
  void hostUnknown() {
    assertThat(pair.failing("tcp:no.such.host.invalid:4444")).contains("no.such.host.invalid");
    assertThatThrownBy(() -> pair.out.migrate("tcp:host"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tcp:HOST:PORT");
    assertThatThrownBy(() -> pair.out.migrate("tcp:host:99999"))
        .hasMessageContaining("'99999' is not a port");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 20, 40, 60, 700, 4_000, 100_000, 2_000_000, 4_100_000})
  void linkCutAfterSoManyBytes(long bytes) throws IOException {
    iterative().listen();
    try (CuttingProxy proxy = new CuttingProxy(pair.port, bytes, Long.MAX_VALUE)) {
      assertThat(pair.failing(proxy.uri())).isNotBlank();
      assertThat(pair.destinationReason()).isNotBlank();
    }
    pair.succeeding(pair.uri());
    assertThat(pair.destination.devices).allMatch(d -> d.stages.get() >= 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 8, 12, 30, 45})
  void returnPathCutAfterSoManyBytes(long bytes) throws IOException {
    iterative().listen();
    try (CuttingProxy proxy = new CuttingProxy(pair.port, Long.MAX_VALUE, bytes)) {
      pair.failing(proxy.uri());
      pair.destinationReason();
    }
    pair.succeeding(pair.uri());
  }

  private void alwaysTheSameLength() {
    pair.source.stopForMigration();
    pair.source.pagesPerTick = 0;
    pair.source.fill(1);
    pair.source.run();
    pair.out.settings().set(Capability.X_VERIFY_RAM, true);
    pair.in.settings().set(Capability.X_VERIFY_RAM, true);
    // Rounds are sent until the rehearsal is over, however many those are.
    pair.out.settings().set(Capability.X_REHEARSE, false);
    pair.in.settings().set(Capability.X_REHEARSE, false);
    pair.listen();
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 200, 500})
  void linkCutInTheFinalSections(int beforeTheEnd) throws IOException {
    alwaysTheSameLength();
    int end;
    try (CuttingProxy proxy = new CuttingProxy(pair.port, Long.MAX_VALUE, Long.MAX_VALUE)) {
      wholeMove(proxy);
      end = proxy.forwarded.toString(StandardCharsets.ISO_8859_1).indexOf(permission());
    }
    pair.close();
    pair = new Pair();
    alwaysTheSameLength();
    try (CuttingProxy proxy = new CuttingProxy(pair.port, end - beforeTheEnd, Long.MAX_VALUE)) {
      pair.failing(proxy.uri());
      assertThat(pair.destinationReason()).contains("fake", "it runs on at the source");
      assertThat(pair.source.resumes).as("was stopped and resumed").hasValue(1);
    }
    pair.succeeding(pair.uri());
  }

  /** What follows the end mark, as it is on the wire. */
  private static String permission() {
    int capacity = 32;
    ByteBuffer wire = ByteBuffer.allocate(capacity);
    StreamOutput out =
        new StreamOutput(
            from -> {
              int count = from.remaining();
              wire.put(from);
              return count;
            },
            capacity);
    new SourceMessage.Permission().write(out);
    out.flush();
    return new String(wire.array(), 0, wire.position(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void destinationRefusesAtTheFinalSection() {
    pair.destination.devices.get(1).refuseCommit = "avail index 7 is ahead of the ring";
    pair.listen();
    String reason = pair.failing(pair.uri());
    assertThat(reason).contains("fake1", "avail index 7 is ahead of the ring");
    assertThat(pair.destinationReason()).isEqualTo(reason);
    assertThat(pair.source.resumes).hasValue(1);
    pair.destination.devices.get(1).refuseCommit = "";
    pair.succeeding(pair.uri());
  }

  @Test
  void destinationCannotPrepareADevice() {
    iterative();
    pair.destination.devices.get(1).refuseStage = "the back end has 1 queue pair, 4 are needed";
    pair.listen();
    String reason = pair.failing(pair.uri());
    assertThat(reason).contains("preparing fake1", "the back end has 1 queue pair");
    assertThat(pair.destinationReason()).isEqualTo(reason);
    assertThat(pair.source.resumes).as("never stopped").hasValue(0);
    assertThat(pair.destination.devices.get(0).aborts).hasValue(1);
    pair.destination.devices.get(1).refuseStage = "";
    pair.succeeding(pair.uri());
  }

  @Test
  void everyDifferenceIsNamedOnBothSides() {
    pair.close();
    FakeMachine other = new FakeMachine(16, 2);
    pair = new Pair(new FakeMachine(8, 2), other);
    other.block("extra.rom", 4096);
    other.version = "virt-1.1";
    other.properties.put("smp", "2");
    other.properties.put("uuid", "1234");
    other.devices.set(1, new FakeDevice("fake0", 8));
    other.devices.set(0, new FakeDevice("other", 4));
    pair.source.devices.get(0).mode = IterativeMigration.ON;
    pair.in.settings().set(Capability.X_VERIFY_RAM, true);
    pair.listen();
    String reason = pair.failing(pair.uri());
    assertThat(reason)
        .contains("machine version: virt-1.0 on the source, virt-1.1 on the destination")
        .contains("RAM block fake.ram: 8388608 bytes on the source, 16777216 bytes")
        .contains("RAM block extra.rom: absent on the source, 4096 bytes")
        .contains("smp: 1 on the source, 2 on the destination")
        .contains("uuid: absent on the source, 1234 on the destination")
        .contains("fake0.max_pairs: 4 on the source, 8 on the destination")
        .contains("section fake1: present on the source, absent on the destination")
        .contains("section other: absent on the source, present on the destination")
        .contains("fake0.iterative-mig: on on the source, off on the destination")
        .contains("capability x-verify-ram: off on the source, on on the destination");
    assertThat(pair.destinationReason()).isEqualTo(reason);
    assertThat(pair.source.resumes).hasValue(0);
  }

  @Test
  void forcedAgainstSwitchedOffCapability() {
    pair.source.devices.get(0).mode = IterativeMigration.ON;
    pair.destination.devices.get(0).mode = IterativeMigration.AUTO;
    pair.in.settings().set(Capability.VIRTIO_ITERATIVE, false);
    pair.listen();
    assertThat(pair.failing(pair.uri()))
        .contains("fake0.iterative-mig: on on the source")
        .contains("auto with capability virtio-iterative off on the destination");
    pair.in.settings().set(Capability.VIRTIO_ITERATIVE, true);
    pair.succeeding(pair.uri());
    assertThat(pair.out.query().devices().get(0).iterative()).isTrue();
    assertThat(pair.out.query().devices().get(1).iterative()).isFalse();
  }

  @Test
  void errorOfTheJvmWhileTheGuestStandsStill() {
    FakeDevice device = iterative().source.devices.get(0);
    pair.listen();
    device.broken = () -> !pair.source.running();
    assertThat(pair.failing(pair.uri())).contains("NoClassDefFoundError", "what fake0 needs");
    assertThat(pair.source.resumes).as("was stopped and resumed").hasValue(1);
    device.broken = () -> false;
    pair.destinationReason();
    pair.succeeding(pair.uri());
  }

  @Test
  void errorOfTheJvmWhileTheDestinationCommits() {
    FakeDevice device = iterative().destination.devices.get(0);
    pair.listen();
    device.broken = () -> true;
    assertThat(pair.failing(pair.uri())).contains("NoClassDefFoundError", "what fake0 needs");
    assertThat(pair.destinationReason()).contains("an internal fault");
    device.broken = () -> false;
    pair.succeeding(pair.uri());
  }

  @Test
  void cancelledAtManyMoments() {
    iterative().listen();
    for (int moment = 0; moment < 12; moment++) {
      pair.out.settings().set(Parameter.MAX_BANDWIDTH, moment % 2 == 0 ? 2 << 20 : 0);
      pair.out.migrate(pair.uri());
      LockSupport.parkNanos(moment * 400_000L);
      long began = System.nanoTime();
      pair.out.cancel();
      MigrationInfo info = Await.ended(pair.out);
      assertThat(System.nanoTime() - began).as("promptly").isLessThan(2_000_000_000L);
      if (info.status() == MigrationStatus.COMPLETED) {
        return;
      }
      assertThat(info.status()).isEqualTo(MigrationStatus.CANCELLED);
      pair.stillRuns();
    }
    pair.out.settings().set(Parameter.MAX_BANDWIDTH, 0);
    pair.succeeding(pair.uri());
  }

  @Test
  void cancelIsHeardByTheDestination() {
    pair.out.settings().set(Parameter.MAX_BANDWIDTH, 1 << 20);
    pair.listen();
    pair.out.migrate(pair.uri());
    Await.until(() -> "RAM to flow", () -> pair.out.query().status() == MigrationStatus.ACTIVE);
    pair.out.cancel();
    Await.ended(pair.out);
    assertThat(pair.destinationReason()).isEqualTo("the migration was cancelled on the source");
  }

  @Test
  void peerThatNeverAnswers() throws IOException {
    pair.out.settings().set(Parameter.X_CHANNEL_TIMEOUT, 300);
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String reason = pair.failing("tcp:127.0.0.1:" + mute.getLocalPort());
      assertThat(reason).contains("300 ms", "x-channel-timeout");
    }
    pair.succeeding(pair.listen());
  }

  @Test
  void connectionThatSaysNothing() throws IOException {
    pair.in.settings().set(Parameter.X_CHANNEL_TIMEOUT, 300);
    pair.listen();
    try (Socket mute = new Socket(InetAddress.getLoopbackAddress(), pair.port)) {
      assertThat(pair.destinationReason()).contains("silent for 300 ms", "x-channel-timeout");
      assertThat(mute.getInputStream().read()).isEqualTo(-1);
    }
    pair.in.settings().set(Parameter.X_CHANNEL_TIMEOUT, 4_000);
    pair.succeeding(pair.uri());
  }

  @Test
  void outcomeUnknownAfterThePermission() throws IOException {
    pair.listen();
    // The head of the message STARTED gets through, its body does not.
    byte[] head = {0x48, 0x76, 0, 5, 4};
    try (CuttingProxy proxy = CuttingProxy.behind(pair.port, head)) {
      pair.out.migrate(proxy.uri());
      MigrationInfo info = Await.ended(pair.out);
      assertThat(info.status()).isEqualTo(MigrationStatus.FAILED);
      assertThat(info.error().orElseThrow())
          .contains("unknown", "query-status", "quit the destination and then cont");
      assertThat(pair.source.running()).as("never two running guests").isFalse();
      assertThat(pair.source.handedOver).isTrue();
      Await.until(() -> "the guest to run there", pair.destination::running);
    }
  }

  private void wholeMove(CuttingProxy proxy) {
    pair.succeeding(proxy.uri());
    Await.until(() -> "the proxy to finish", () -> proxy.finished);
  }
}
