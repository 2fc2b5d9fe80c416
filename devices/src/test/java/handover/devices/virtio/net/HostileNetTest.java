package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.SplitTestRing;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A driver that writes anything anywhere gets a stopped device at worst, and a new one by reset.
 */
class HostileNetTest {
  @Property(tries = 60)
  void ringsFullOfNonsenseStopAtMostTheDevice(@ForAll long seed) {
    Random random = new Random(seed);
    try (NetGuest net = new NetGuest("").start(0, 16, 16, 16)) {
      for (int step = 0; step < 100; step++) {
        if (step % 10 == 0) {
          fresh(net, random);
        }
        int queue = random.nextInt(3);
        mistreat(net.guest.splitRing(queue), random);
        net.guest.kick(queue);
        net.wire.deliver(NetGuest.frame(step, 14 + random.nextInt(3000)));
      }
      NetGuest again = net.start(0, 16, 16, 16);
      again.wire.sent.clear();
      again.transmit(NetGuest.TX, new byte[NetHeader.BYTES], NetGuest.frame(1, 60));
      assertThat(again.wire.sent).contains(NetGuest.frame(1, 60));
    }
  }

  /** Restarts the device, which may have stopped, with rings that make sense at first. */
  private static void fresh(NetGuest net, Random random) {
    net.start(0, 16, 16, 16);
    for (int queue = 0; queue < 3; queue++) {
      for (int i = 0; i < 16; i++) {
        int flags = queue == NetGuest.RX ? 2 : random.nextInt(4);
        net.guest
            .splitRing(queue)
            .rawDescriptor(i, address(random), 1 + length(random), flags, i + 1);
      }
    }
  }

  private static void mistreat(SplitTestRing ring, Random random) {
    if (random.nextInt(3) == 0) {
      int flags = random.nextInt(8);
      ring.rawDescriptor(
          random.nextInt(16), address(random), length(random), flags, random.nextInt(18));
    }
    if (random.nextInt(50) == 0) {
      ring.setAvailableIndex(random.nextInt(0x10000));
    } else {
      ring.makeAvailable(random.nextInt(17));
    }
  }

  private static long address(Random random) {
    return switch (random.nextInt(40)) {
      case 0 -> random.nextLong();
      case 1 -> 0x8000_0000L + (8 << 20) - random.nextInt(64);
      default -> 0x8040_0000L + random.nextInt(0x10000);
    };
  }

  private static int length(Random random) {
    return random.nextInt(40) == 0 ? random.nextInt() : random.nextInt(3000);
  }
}
