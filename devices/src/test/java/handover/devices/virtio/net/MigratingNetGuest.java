package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.Features;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A guest that does random things between the random steps of its migrations, to and fro between
 * two hosts; each step checks that state and announced changes agree.
 */
final class MigratingNetGuest {
  private static final int PAIRS = 2;
  private static final int CONTROL = 2 * PAIRS;
  private static final int RING = 32;
  private static final String OPTIONS =
      ",mq=on,rss=on,hash=on,notf_coal=on,vq_notf_coal=on,packed=on,queues=" + PAIRS;

  /** What one migration's source remembers, as the engine does. */
  private static final class Early {
    private final byte[][] sent;
    private final VirtioNetState state;
    private long epoch;

    private Early(NetGuest source, NetGuest destination) {
      sent = new byte[source.device.declaration().groups().size()][];
      state = destination.device.blank();
      epoch = source.device.epoch();
    }
  }

  private final Random random;
  private NetGuest source;
  private NetGuest destination;
  private boolean controlled;
  private Early early;

  MigratingNetGuest(long seed) {
    random = new Random(seed);
    source = new NetGuest(OPTIONS);
    destination = new NetGuest(source.guest.memory(), OPTIONS);
    restart();
  }

  /** Lives through 80 random steps, and moves once more. */
  void run() {
    try {
      for (int step = 0; step < 80; step++) {
        if (random.nextInt(4) > 0) {
          act();
        } else {
          migrate();
        }
      }
      commit();
    } finally {
      source.close();
      destination.close();
    }
  }

  // ---- The guest.

  /** One action; what it changed outside the HOT groups shows in the generation. */
  private void act() {
    byte[] before = cold();
    long generation = source.device.generation();
    switch (random.nextInt(16)) {
      case 0 -> restart();
      case 1 -> resetQueue();
      case 2 -> source.device.reset();
      case 3 -> source.guest.config(0, 24);
      case 4 -> source.device.setLink(random.nextBoolean());
      case 5 -> source.device.announce();
      case 6 -> source.guest.acknowledge();
      case 7, 8 -> traffic();
      default -> command();
    }
    if (!Arrays.equals(before, cold())) {
      assertThat(source.device.generation()).isNotEqualTo(generation);
    }
    if (controlled && source.guest.read(0x70) == 0) {
      restart();
    }
  }

  private void restart() {
    long without = random.nextBoolean() ? Features.RING_PACKED : 0;
    without |= random.nextInt(4) == 0 ? NetFeatures.RSS | NetFeatures.NOTF_COAL : 0;
    source.start(without, RING, RING, RING, RING, RING);
    controlled = true;
  }

  private void resetQueue() {
    int queue = random.nextInt(2 * PAIRS);
    source.guest.write(0x30, queue);
    source.guest.write(0xc0, 1);
    source.guest.resetRing(queue);
  }

  private void traffic() {
    int queue = random.nextInt(2 * source.device.snapshot().control.queuePairs);
    if ((queue & 1) == 1) {
      source.transmit(queue, new byte[20], NetGuest.frame(random.nextInt(), 60));
    } else {
      source.wire.deliver(NetGuest.frame(random.nextInt(), 60));
      if (source.guest.ring(queue).take().isEmpty() && random.nextInt(8) == 0) {
        source.guest.ring(queue).add(Piece.in(2000));
        source.guest.kick(queue);
      }
    }
  }

  private void command() {
    byte[] bytes =
        switch (random.nextInt(8)) {
          case 0 -> bytes(0, random.nextInt(6), random.nextInt(2));
          case 1 -> bytes(1, 1, 2, 0, 0, 0, 0, random.nextInt(256));
          case 2 -> macTable(random.nextInt(70));
          case 3 -> bytes(2, random.nextInt(2), random.nextInt(256), random.nextInt(16));
          case 4 -> bytes(4, 0, 1 + random.nextInt(PAIRS), 0);
          case 5 -> NetQueuesTest.rss(random.nextInt(512), table(), 0, 1 + random.nextInt(PAIRS));
          case 6 -> bytes(5, 0, random.nextInt(4), 0, 0, 0, 0, 0, 0, 0);
          default -> coalescing();
        };
    source.guest.ring(CONTROL).add(Piece.out(bytes), Piece.in(1));
    source.guest.kick(CONTROL);
    source.guest.ring(CONTROL).await();
  }

  private byte[] coalescing() {
    int packets = random.nextInt(3);
    int time = random.nextInt(200);
    return random.nextBoolean()
        ? bytes(6, random.nextInt(2), packets, 0, 0, 0, time, 0, 0, 0)
        : bytes(6, 2, random.nextInt(2 * PAIRS), 0, 0, 0, packets, 0, 0, 0, time, 0, 0, 0);
  }

  private int[] table() {
    return random.ints(1 << random.nextInt(8), 0, PAIRS).toArray();
  }

  private byte[] macTable(int entries) {
    byte[] table = new byte[2 + 8 + 6 * entries];
    random.nextBytes(table);
    System.arraycopy(bytes(1, 0, entries, 0, 0, 0), 0, table, 0, 6);
    Arrays.fill(table, table.length - 4, table.length, (byte) 0);
    return table;
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  // ---- The migration.

  private void migrate() {
    int what = random.nextInt(6);
    if (what == 0) {
      early = null;
      destination.device.abort();
    } else if (what == 1) {
      commit();
    } else {
      stage();
    }
  }

  private void stage() {
    send(false);
    destination.device.stage(early.state);
  }

  private void send(boolean hotToo) {
    if (early == null || early.epoch != source.device.epoch()) {
      early = new Early(source, destination);
    }
    VirtioNetState now = source.device.snapshot();
    List<StateDeclaration.Group<VirtioNetState>> groups = source.device.declaration().groups();
    for (int i = 0; i < groups.size(); i++) {
      boolean hot = groups.get(i).changes() == ChangeClass.HOT;
      byte[] bytes = !hot || hotToo ? GroupForm.encode(groups.get(i), now) : null;
      if (bytes != null && !Arrays.equals(bytes, early.sent[i])) {
        GroupForm.decode(groups.get(i), early.state, bytes);
        early.sent[i] = bytes;
      }
    }
  }

  /** Moves the guest over, and makes the old source the next destination. */
  private void commit() {
    source.device.pause();
    send(true);
    byte[] promised = digest(source.device.snapshot());
    assertThat(digest(early.state)).isEqualTo(promised);
    destination.device.commit(early.state);
    assertThat(digest(destination.device.snapshot())).isEqualTo(promised);
    destination.guest.adoptRings(source.guest);
    early = null;
    NetGuest next = source;
    source = destination;
    destination = next;
    destination.device.abort();
    source.device.resume();
    assertThat(source.guest.read(0x70) & 0x40).as("NEEDS_RESET").isZero();
  }

  private byte[] digest(VirtioNetState state) {
    return GroupForm.digest(source.device.declaration(), state);
  }

  private byte[] cold() {
    VirtioNetState state = source.device.snapshot();
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    for (StateDeclaration.Group<VirtioNetState> group : source.device.declaration().groups()) {
      if (group.changes() != ChangeClass.HOT) {
        all.writeBytes(GroupForm.encode(group, state));
      }
    }
    return all.toByteArray();
  }
}
