package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.WireWriter;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The moment at which a guest changes hands, with two threads that could give it away. */
@Timeout(20)
class HandingOverTest {
  private static final long LIMIT_MILLIS = 15_000;

  private final SourceSession session =
      new SourceSession(
          new FakeMachine(8, 2),
          new MigrationSettings(),
          new Progress(List.of()),
          MigrationAddress.parse("tcp:localhost:1"));

  @Test
  void whatWasKeptAfterAFailureIsNotGivenAwayByAThreadThatIsLate() {
    assertThat(session.keep()).isEqualTo(SourceSession.Ownership.OURS);
    assertThatThrownBy(session::giveAway).isInstanceOf(MigrationCancelled.class);
    assertThat(session.keep()).isEqualTo(SourceSession.Ownership.OURS);
  }

  @Test
  void whatWasGivenAwayIsNotKept() {
    session.giveAway();
    assertThat(session.keep()).isEqualTo(SourceSession.Ownership.UNKNOWN);
  }

  @Test
  void theAnswerIsGivenByTheThreadThatHearsThatTheDestinationIsReady() {
    ReturnPath path = thatSays(new DestinationMessage.Ready());
    AtomicReference<Thread> answered = new AtomicReference<>();
    path.onReady(() -> answered.set(Thread.currentThread()));
    path.start(() -> {});
    path.awaitReady(LIMIT_MILLIS);
    assertThat(answered.get()).isNotNull().isNotSameAs(Thread.currentThread());
  }

  @Test
  void theAnswerIsGivenAtOnceWhereItWasHeardBefore() {
    ReturnPath path = thatSays(new DestinationMessage.Ready());
    AtomicReference<Thread> answered = new AtomicReference<>();
    path.start(() -> {});
    path.awaitReady(LIMIT_MILLIS);
    path.onReady(() -> answered.set(Thread.currentThread()));
    assertThat(answered.get()).isSameAs(Thread.currentThread());
  }

  /** It says this, then closes the connection. */
  private static ReturnPath thatSays(DestinationMessage message) {
    WireWriter said = new WireWriter();
    message.write(said);
    ByteBuffer left = ByteBuffer.wrap(said.toByteArray());
    return new ReturnPath(
        new StreamInput(
            into -> {
              int count = left.remaining();
              into.put(left);
              return count == 0 ? -1 : count;
            },
            1024),
        1);
  }
}
