package handover.migration;

import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/** What the destination says, read by a thread of its own and waited for by the sender. */
final class ReturnPath {
  private static final int LONGEST_FOREIGN = 1 << 10;

  private final StreamInput in;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final int[] acks;
  private IntConsumer onPong = value -> {};
  private OptionalInt pong = OptionalInt.empty();
  private OptionalInt shut = OptionalInt.empty();
  private boolean switchoverAck;
  private boolean rehearsed;
  private boolean ready;
  private Optional<Runnable> answerToReady = Optional.empty();
  private boolean cancelled;
  private Optional<Agreement> answer = Optional.empty();
  private Optional<DestinationMessage.Started> started = Optional.empty();
  private long startedAt;
  private Optional<String> failed = Optional.empty();
  private Optional<String> ended = Optional.empty();
  private boolean inOrder;

  ReturnPath(StreamInput in, int sections) {
    this.in = in;
    this.acks = new int[sections];
  }

  /** Who hears every PONG's value, on the thread that reads; set before {@link #start}. */
  void onPong(IntConsumer listener) {
    onPong = listener;
  }

  /** Begins to read, on a thread that does {@code first} before; ends with the connection. */
  void start(Runnable first) {
    Thread.ofPlatform()
        .daemon()
        .name("migration-return")
        .start(
            () -> {
              first.run();
              run();
            });
  }

  /** Wakes whoever waits: the migration is being cancelled. */
  void cancel() {
    update(() -> cancelled = true);
  }

  /** The value of the first or next PONG. */
  int awaitPong(long timeoutMillis) {
    await(() -> pong.isPresent(), timeoutMillis, "an answer to a PING");
    lock.lock();
    try {
      int value = pong.getAsInt();
      pong = OptionalInt.empty();
      return value;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until a PING of this value has come back: everything sent before it was worked off. */
  void awaitEcho(int value, long timeoutMillis) {
    await(
        () -> pong.isPresent() && pong.getAsInt() == value,
        timeoutMillis,
        "the destination to work off what was sent");
  }

  Agreement awaitAnswer(long timeoutMillis) {
    await(() -> answer.isPresent(), timeoutMillis, "the destination's answer to the offer");
    return answer.orElseThrow();
  }

  /**
   * Has {@code answer} given as soon as everything was loaded there: by the thread that hears it,
   * which is awake then, or at once if it was heard before. Waking the sender for it would cost the
   * guest a wake-up more. Nobody who waits here sees it half done.
   */
  void onReady(Runnable answer) {
    lock.lock();
    try {
      if (ready) {
        answer.run();
      } else {
        answerToReady = Optional.of(answer);
      }
    } finally {
      lock.unlock();
    }
  }

  void awaitReady(long timeoutMillis) {
    await(() -> ready, timeoutMillis, "the destination's word that everything was loaded");
  }

  DestinationMessage.Started awaitStarted(long timeoutMillis) {
    await(() -> started.isPresent(), timeoutMillis, "the destination's word that the guest runs");
    return started.orElseThrow();
  }

  /** {@link System#nanoTime} at which {@code started} was read. */
  long startedAt() {
    return startedAt;
  }

  int awaitShut(long timeoutMillis) {
    await(() -> shut.isPresent(), timeoutMillis, "the destination's final word (SHUT)");
    return shut.getAsInt();
  }

  /** Waits, but not for long, for QEMU's own acknowledgement; whether it came. */
  boolean awaitSwitchoverAck(long timeoutMillis) {
    return waitFor(() -> switchoverAck, timeoutMillis);
  }

  /** The newest early state of the section that the destination has staged; 0: none. */
  int acknowledged(int section) {
    lock.lock();
    try {
      return acks[section];
    } finally {
      lock.unlock();
    }
  }

  /** Waits, but not for long, for the section's acknowledgement; whether it came. */
  boolean awaitAck(int section, int sequence, long timeoutMillis) {
    return waitFor(() -> acks[section] >= sequence, timeoutMillis);
  }

  /** Waits, but not for long, until the destination has rehearsed; whether it has. */
  boolean awaitRehearsed(long timeoutMillis) {
    return waitFor(() -> rehearsed, timeoutMillis);
  }

  /** Fails with the destination's own words if it has given up. */
  void check() {
    lock.lock();
    try {
      throwIfOver();
    } finally {
      lock.unlock();
    }
  }

  /** The destination's own reason, should it arrive soon; the sender's error is only its echo. */
  Optional<String> reasonWithin(long timeoutMillis) {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (failed.isEmpty() && ended.isEmpty() && left > 0) {
        left = news.awaitNanos(left);
      }
      return failed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed;
    } finally {
      lock.unlock();
    }
  }

  /** Whether the destination ended in order, so that no answer of it was lost on its way. */
  boolean everythingWasRead() {
    lock.lock();
    try {
      return shut.isPresent() || inOrder;
    } finally {
      lock.unlock();
    }
  }

  private interface Fact {
    boolean holds();
  }

  private void await(Fact fact, long timeoutMillis, String what) {
    if (!waitFor(fact, timeoutMillis)) {
      throw new StreamException(
          "waited %d ms in vain for %s (parameter %s)"
              .formatted(timeoutMillis, what, Parameter.X_CHANNEL_TIMEOUT.wireName()));
    }
  }

  private boolean waitFor(Fact fact, long timeoutMillis) {
    lock.lock();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (!fact.holds()) {
        throwIfOver();
        if (left <= 0) {
          return false;
        }
        left = news.awaitNanos(left);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationCancelled();
    } finally {
      lock.unlock();
    }
  }

  private void throwIfOver() {
    if (cancelled) {
      throw new MigrationCancelled();
    }
    if (failed.isPresent()) {
      throw new StreamException(failed.get());
    }
    if (ended.isPresent()) {
      throw new StreamException(ended.get());
    }
  }

  private void run() {
    WireReader reader = new WireReader(in);
    try {
      while (reader.enter("return path") != null && reader.peek() >= 0) {
        message(reader);
      }
      update(
          () -> {
            inOrder = true;
            ended =
                Optional.of(
                    "the destination closed the connection without a reason; its own log may say why");
          });
    } catch (RuntimeException | Error e) {
      // Whatever it is, the sender must not wait for more.
      update(() -> ended = Optional.of(e instanceof StreamException ? e.getMessage() : "" + e));
    }
  }

  private void message(WireReader reader) {
    int type = reader.u16();
    int length = reader.u16();
    if (type == Protocol.PRIVATE) {
      own(DestinationMessage.read(reader));
      return;
    }
    if (length > LONGEST_FOREIGN) {
      throw reader.malformed(
          "a return path message", "type %d of %d bytes".formatted(type, length));
    }
    WireReader body = new WireReader(reader.bytes(length));
    switch (type) {
      case StreamFormat.RETURN_PONG -> {
        int value = body.u32();
        onPong.accept(value);
        update(() -> pong = OptionalInt.of(value));
      }
      case StreamFormat.RETURN_SHUT -> {
        int value = body.u32();
        update(
            () -> {
              shut = OptionalInt.of(value);
              if (value != 0) {
                failed = Optional.of("the destination failed; its own log says why");
              }
            });
      }
      case StreamFormat.RETURN_SWITCHOVER_ACK -> update(() -> switchoverAck = true);
      default ->
          throw reader.malformed("PONG, SHUT or SWITCHOVER_ACK", "return path message " + type);
    }
  }

  /** Wakes nobody where the answer is given here: whoever waits, waits for what comes next. */
  private void ready() {
    lock.lock();
    try {
      ready = true;
      answerToReady.ifPresentOrElse(Runnable::run, news::signalAll);
      answerToReady = Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private void own(DestinationMessage message) {
    long now = System.nanoTime();
    switch (message) {
      case DestinationMessage.Answer m -> update(() -> answer = Optional.of(m.agreement()));
      case DestinationMessage.Ack m -> update(() -> acknowledge(m));
      case DestinationMessage.Rehearsed m -> update(() -> rehearsed = true);
      case DestinationMessage.Ready m -> ready();
      case DestinationMessage.Started m ->
          update(
              () -> {
                startedAt = now;
                started = Optional.of(m);
              });
      case DestinationMessage.Failed m -> update(() -> failed = Optional.of(m.reason()));
    }
  }

  private void acknowledge(DestinationMessage.Ack ack) {
    if (ack.section() >= acks.length) {
      throw new StreamException(
          "the destination acknowledged section %d of %d".formatted(ack.section(), acks.length));
    }
    acks[ack.section()] = ack.sequence();
  }

  private void update(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
