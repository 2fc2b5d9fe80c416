package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A guest's frames on both of its hosts while it moves. */
class CarriedFramesTest {
  private static final byte[] MAC = {0x52, 0x54, 0, 1, 2, 3};

  private final NetControl control = new NetControl(MAC);

  /** A frame to the guest, or flooded; the number makes it unique. */
  private static byte[] frame(int number, boolean group) {
    byte[] frame = new byte[60];
    System.arraycopy(MAC, 0, frame, 0, 6);
    frame[0] |= (byte) (group ? 1 : 0);
    frame[6] = 2;
    frame[20] = (byte) (number >> 8);
    frame[21] = (byte) number;
    return frame;
  }

  private boolean offer(CarriedFrames frames, byte[] frame) {
    return frames.offer(frame, 0, frame.length, true, control);
  }

  private static List<Integer> take(CarriedFrames frames) {
    List<Integer> numbers = new ArrayList<>();
    PendingFrames next = frames.next();
    for (int at = next.peek(); at >= 0; at = next.peek()) {
      numbers.add((next.array()[at + 20] & 0xff) << 8 | next.array()[at + 21] & 0xff);
      next.remove();
      next = frames.next();
    }
    return numbers;
  }

  /** Every frame reaches the guest exactly once and in order, wherever a switch sends it. */
  @Property(tries = 300)
  void eachFrameReachesTheGuestOnceInOrder(@ForAll long seed) {
    Random random = new Random(seed);
    CarriedFrames source = new CarriedFrames();
    CarriedFrames destination = new CarriedFrames();
    AtomicInteger news = new AtomicInteger();
    destination.expect();
    source.beginForwarding(news::incrementAndGet);
    int takesOver = random.nextInt(40);
    int learnt = takesOver + random.nextInt(40);
    List<Integer> got = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      if (i == takesOver) {
        destination.takeOver();
      }
      if (i == learnt) {
        byte[] rarp = Announcement.rarp(MAC, 0);
        assertThat(offer(source, rarp)).isTrue();
        assertThat(source.departed()).isTrue();
      }
      boolean group = random.nextInt(3) == 0;
      byte[] frame = frame(i, group);
      if (i < learnt || group) {
        offer(source, frame);
      }
      if (i >= learnt || group) {
        offer(destination, frame);
      }
      if (i >= takesOver && random.nextInt(6) == 0) {
        source.take(1 + random.nextInt(500)).forEach(f -> assertThat(destination.add(f)).isTrue());
      }
      if (random.nextInt(3) == 0) {
        got.addAll(take(destination));
      }
    }
    source.take(Integer.MAX_VALUE).forEach(destination::add);
    source.endForwarding();
    destination.endCarrying();
    got.addAll(take(destination));
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      all.add(i);
    }
    assertThat(got).isEqualTo(all);
    assertThat(offer(source, frame(1, true))).as("a flooded frame at the old place").isFalse();
  }

  @Test
  void aGuestThatStaysMissesNothing() {
    CarriedFrames frames = new CarriedFrames();
    offer(frames, frame(1, false));
    offer(frames, frame(2, false));
    frames.beginForwarding(() -> {});
    List<byte[]> taken = frames.take(Integer.MAX_VALUE);
    offer(frames, frame(3, false));
    frames.returned(taken);
    offer(frames, frame(4, false));
    assertThat(take(frames)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aGuestThatContinuesWhereItLeftHearsAgain() {
    CarriedFrames frames = new CarriedFrames();
    frames.beginForwarding(() -> {});
    frames.endForwarding();
    assertThat(offer(frames, frame(1, false))).isFalse();
    frames.resumed();
    assertThat(offer(frames, frame(2, false))).isTrue();
  }

  @Test
  void aStalledSourceCostsOrderButNoFrame() {
    CarriedFrames frames = new CarriedFrames();
    frames.expect();
    frames.takeOver();
    for (int i = 0; i < PendingFrames.FRAMES; i++) {
      assertThat(offer(frames, frame(i, false))).isTrue();
    }
    assertThat(take(frames)).isEmpty();
    frames.endCarrying();
    assertThat(take(frames)).hasSize(PendingFrames.FRAMES);
    assertThat(frames.add(frame(1, false))).as("late, but not lost").isTrue();
    assertThat(take(frames)).containsExactly(1);
  }

  @Test
  void onlyTheAnnouncementOfThisGuestEndsForwarding() {
    CarriedFrames frames = new CarriedFrames();
    frames.beginForwarding(() -> {});
    byte[] other = Announcement.rarp(new byte[] {0x52, 0x54, 0, 1, 2, 4}, 0);
    offer(frames, other);
    offer(frames, new byte[20]);
    assertThat(frames.departed()).isFalse();
    byte[] ours = Announcement.rarp(MAC, 0);
    frames.offer(ours, 0, ours.length, false, control);
    assertThat(frames.departed()).as("a guest without a driver moves, too").isTrue();
  }
}
