package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;

/** Two machines with an engine each, and the questions every fault test asks. */
final class Pair implements AutoCloseable {
  final FakeMachine source;
  final FakeMachine destination;
  final MigrationEngine out;
  final MigrationEngine in;
  int port;

  Pair(FakeMachine source, FakeMachine destination) {
    this.source = source;
    this.destination = destination;
    out = new MigrationEngine(source, "source");
    in = new MigrationEngine(destination, "destination");
    out.settings().set(Parameter.X_CHANNEL_TIMEOUT, 4_000);
    in.settings().set(Parameter.X_CHANNEL_TIMEOUT, 4_000);
    source.fill(2);
    source.run();
  }

  Pair() {
    this(new FakeMachine(8, 2), new FakeMachine(8, 2));
  }

  String listen() {
    port = ((InetSocketAddress) in.listen("tcp:127.0.0.1:0")).getPort();
    return uri();
  }

  String uri() {
    return "tcp:127.0.0.1:" + port;
  }

  /** Migrates to {@code uri}, which fails; the guest must run on. Returns the source's reason. */
  String failing(String uri) {
    int aborted = source.resumes.get();
    out.migrate(uri);
    MigrationInfo info = Await.ended(out);
    assertThat(info.status()).isEqualTo(MigrationStatus.FAILED);
    stillRuns();
    assertThat(source.resumes.get()).isBetween(aborted, aborted + 1);
    return info.error().orElseThrow();
  }

  /** The guest runs on the source, and nothing is left of an attempt. */
  void stillRuns() {
    assertThat(source.running()).as("guest runs on").isTrue();
    assertThat(source.handedOver).isFalse();
    assertThat(destination.running()).isFalse();
    assertThat(source.blocks).noneMatch(b -> b.dirtyLog().active());
    int index = (int) source.devices.get(0).snapshot().lastIndex;
    Await.until(() -> "progress", () -> source.devices.get(0).snapshot().lastIndex != index);
  }

  /** Why the destination's attempt failed. */
  String destinationReason() {
    Await.until(
        () -> "a failed destination: " + in.query(),
        () -> in.query().status() == MigrationStatus.FAILED);
    return in.query().error().orElseThrow();
  }

  /** Migrates to {@code uri}, which must work, with all memory and state the same. */
  void succeeding(String uri) {
    out.settings().set(Capability.X_VERIFY_RAM, true);
    in.settings().set(Capability.X_VERIFY_RAM, true);
    out.migrate(uri);
    assertThat(Await.ended(out).error()).isEmpty();
    assertThat(out.query().status()).isEqualTo(MigrationStatus.COMPLETED);
    Await.until(
        () -> "the destination's end", () -> in.query().status() == MigrationStatus.COMPLETED);
    assertThat(destination.running()).isTrue();
    assertThat(source.running()).isFalse();
  }

  @Override
  public void close() {
    out.close();
    in.close();
    source.close();
    destination.close();
  }
}
