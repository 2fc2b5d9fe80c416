package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.IterativeMigration;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Assertions;

/**
 * Streams that were valid once, changed anywhere: the answer is a guest that starts or a {@link
 * handover.vmstate.StreamException}, soon.
 */
class HostileStreamTest {
  private static byte[] classic;
  private static byte[] iterative;
  private static FakeMachine machine;

  @BeforeContainer
  static void record() throws IOException {
    classic = recorded(IterativeMigration.OFF);
    iterative = recorded(IterativeMigration.AUTO);
    machine = small();
    machine.devices.forEach(d -> d.mode = IterativeMigration.AUTO);
  }

  @AfterContainer
  static void close() {
    machine.close();
  }

  private static FakeMachine small() {
    FakeMachine small = new FakeMachine(1, 2);
    small.devices.get(1).set(1, 2, 3, 4, 5);
    small.pagesPerTick = 0;
    return small;
  }

  private static byte[] recorded(IterativeMigration mode) throws IOException {
    try (Pair pair = new Pair(small(), small())) {
      pair.source.devices.forEach(d -> d.mode = mode);
      pair.destination.devices.forEach(d -> d.mode = mode);
      pair.source.fill(16);
      pair.source.blocks.get(0).segment().asSlice(100 << 12, 40 << 12).fill((byte) 9);
      pair.source.blocks.get(0).dirtyLog().mark(100 << 12, 40 << 12);
      return FedDestination.recorded(pair);
    }
  }

  /** Whether the guest would start. */
  private static boolean receive(byte[] stream) {
    return FedDestination.receive(machine, stream);
  }

  private static void survives(byte[] stream) {
    Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), () -> receive(stream));
  }

  @Property(tries = 1)
  void untouchedStreamsAreTaken() {
    assertThat(receive(classic)).isTrue();
    assertThat(receive(iterative)).isTrue();
    assertThat(receive(Arrays.copyOf(iterative, iterative.length - 30))).isFalse();
    assertThat(receive(new byte[0])).isFalse();
  }

  @Property(tries = 600)
  void changedAnywhere(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] stream = (random.nextBoolean() ? classic : iterative).clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      // Heads and tails hold the structure; most of the middle is pages.
      int reach = random.nextInt(4) == 0 ? stream.length : Math.min(2_500, stream.length);
      int at =
          random.nextBoolean() ? random.nextInt(reach) : stream.length - 1 - random.nextInt(reach);
      stream[at] =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> (byte) 0xff;
            case 2 -> (byte) (stream[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt();
          };
    }
    survives(stream);
  }

  @Property(tries = 200)
  void cutOrSpliced(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] from = random.nextBoolean() ? classic : iterative;
    byte[] with = random.nextBoolean() ? classic : iterative;
    byte[] stream = Arrays.copyOf(from, random.nextInt(from.length));
    if (random.nextBoolean()) {
      int skip = random.nextInt(with.length);
      int kept = stream.length;
      stream = Arrays.copyOf(stream, kept + with.length - skip);
      System.arraycopy(with, skip, stream, kept, with.length - skip);
    }
    survives(stream);
  }

  @Property(tries = 100)
  void noise(@ForAll byte[] noise) {
    survives(noise);
    byte[] stream = Arrays.copyOf(classic, 17 + noise.length);
    System.arraycopy(noise, 0, stream, 17, noise.length);
    survives(stream);
  }
}
