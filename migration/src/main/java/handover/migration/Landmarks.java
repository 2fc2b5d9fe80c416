package handover.migration;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How far a QEMU has read, which has no words for why it fails: it answers each PING when it reads
 * it, so one before each part of the stream tells which part it did not get past. They are never
 * waited for.
 *
 * <p>Set by the sender, passed by the thread that reads answers; what a part had in it is put
 * together only when somebody asks.
 */
final class Landmarks {
  /** A PING and what stands behind it. */
  private record Landmark(int ping, Function<Offer, StreamPart> next) {}

  private final Offer sent;
  private final List<Landmark> all = new ArrayList<>();
  private int passed;

  /** Before the configuration, where no PING can be. */
  Landmarks(Offer sent) {
    this.sent = sent;
    all.add(new Landmark(0, StreamPart::configuration));
  }

  /** Notes that {@code next} follows a PING of this value, which no other one has. */
  synchronized void set(int ping, Function<Offer, StreamPart> next) {
    all.add(new Landmark(ping, next));
  }

  /** Notes that a PING has come back. */
  synchronized void answered(int ping) {
    for (int i = passed + 1; i < all.size(); i++) {
      if (all.get(i).ping() == ping) {
        passed = i;
        return;
      }
    }
  }

  /** The part that the destination has begun, and is not known to have got past. */
  synchronized StreamPart reached() {
    return all.get(passed).next().apply(sent);
  }
}
