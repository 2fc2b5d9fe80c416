package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PendingFramesTest {
  @Property(tries = 80)
  void itIsAQueue(@ForAll long seed, @ForAll @IntRange(min = 60, max = 65550) int longest) {
    Random random = new Random(seed);
    PendingFrames frames = new PendingFrames();
    Deque<byte[]> model = new ArrayDeque<>();
    for (int step = 0; step < 1000; step++) {
      if (random.nextInt(5) < 3) {
        byte[] frame = new byte[14 + random.nextInt(longest)];
        Arrays.fill(frame, (byte) step);
        if (frames.offer(frame, 0, frame.length)) {
          model.add(frame);
        } else {
          assertThat(model).as("only a queue with something in it is full").isNotEmpty();
        }
      } else if (!model.isEmpty()) {
        byte[] expected = model.remove();
        int at = frames.peek();
        byte[] got = Arrays.copyOfRange(frames.array(), at, at + frames.length());
        assertThat(Arrays.equals(got, expected)).isTrue();
        frames.remove();
      }
      assertThat(frames.count()).isEqualTo(model.size());
    }
    assertThat(frames.drain(Integer.MAX_VALUE)).containsExactlyElementsOf(model);
    assertThat(frames.peek()).isEqualTo(-1);
  }
}
