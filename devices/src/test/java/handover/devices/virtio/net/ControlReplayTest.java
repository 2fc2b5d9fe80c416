package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.backend.ControlClass;
import handover.devices.virtio.backend.ControlCommand;
import handover.devices.virtio.backend.ControlPlan;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The planned commands, as bytes, given to the device itself. */
class ControlReplayTest {
  private static final int PAIRS = 511;
  private static final byte[] ADDRESS = HexFormat.of().parseHex("525400000001");
  private static final Set<ControlClass> ALL = EnumSet.allOf(ControlClass.class);

  /** Whatever two drivers did, the plan turns one's device into the other's. */
  @Property(tries = 500)
  void oneDriversDeviceBecomesAnothers(
      @ForAll("histories") List<byte[]> one, @ForAll("histories") List<byte[]> another) {
    NetControl from = after(one);
    NetControl to = after(another);
    ControlCommands device = new ControlCommands(from, PAIRS);
    for (ControlCommand command : plan(from, to)) {
      assertThat(device.handle(new FakeChain(command.encode(), 1), -1)).as("%s", command).isTrue();
    }
    assertThat(BackEndConfiguration.control(from)).isEqualTo(BackEndConfiguration.control(to));
    assertThat(plan(from, to)).isEmpty();
  }

  @Test
  void anAnnouncementIsNeverReplayed() {
    NetControl asked = new NetControl(ADDRESS);
    asked.status |= NetControl.ANNOUNCE;
    assertThat(plan(new NetControl(ADDRESS), asked)).isEmpty();
    assertThat(plan(asked, new NetControl(ADDRESS))).isEmpty();
  }

  private static List<ControlCommand> plan(NetControl from, NetControl to) {
    return ControlPlan.between(
        ALL, BackEndConfiguration.control(from), BackEndConfiguration.control(to));
  }

  private static NetControl after(List<byte[]> history) {
    NetControl control = new NetControl(ADDRESS, 2);
    ControlCommands commands = new ControlCommands(control, PAIRS);
    history.forEach(request -> commands.handle(new FakeChain(request, 1), -1));
    return control;
  }

  @Provide
  Arbitrary<List<byte[]>> histories() {
    Arbitrary<byte[]> modes =
        Combinators.combine(
                Arbitraries.integers().between(0, 5), Arbitraries.integers().between(0, 1))
            .as((mode, on) -> bytes(0, mode, on));
    Arbitrary<byte[]> mac =
        Arbitraries.integers().between(0, 3).map(n -> bytes(1, 1, 2, 0, 0, 0, 0, n));
    Arbitrary<byte[]> vlan =
        Combinators.combine(
                Arbitraries.integers().between(0, 1),
                Arbitraries.integers().between(0, 255),
                Arbitraries.integers().between(0, 15))
            .as((command, low, high) -> bytes(2, command, low, high));
    Arbitrary<byte[]> pairs =
        Combinators.combine(
                Arbitraries.integers().between(0, 255), Arbitraries.integers().between(0, 1))
            .as((low, high) -> bytes(4, 0, low, high));
    Arbitrary<byte[]> offloads =
        Arbitraries.of(0x00, 0x01, 0x83).map(low -> bytes(5, 0, low, 0, 0, 0, 0, 0, 0, 0));
    Arbitrary<byte[]> table =
        Combinators.combine(tableSize(), tableSize(), Arbitraries.integers().between(0, 3))
            .as(ControlReplayTest::table);
    Arbitrary<byte[]> hashing =
        Combinators.combine(
                Arbitraries.of(0, 1, 3, 0x3f),
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(1, 4),
                Arbitraries.of(true, false))
            .as(ControlReplayTest::hashing);
    Arbitrary<byte[]> coalescing =
        Combinators.combine(
                Arbitraries.integers().between(0, 2),
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(0, 2))
            .as(ControlReplayTest::coalescing);
    return Arbitraries.oneOf(modes, mac, vlan, pairs, offloads, table, hashing, coalescing)
        .list()
        .ofMaxSize(12);
  }

  private static Arbitrary<Integer> tableSize() {
    return Arbitraries.of(0, 1, 2, 40, 64, 65);
  }

  /** Some multicast addresses are in the unicast list, as nothing keeps a driver from it. */
  private static byte[] table(int unicast, int multicast, int seed) {
    byte[] table = new byte[10 + 6 * (unicast + multicast)];
    table[0] = 1;
    table[2] = (byte) unicast;
    table[6 + 6 * unicast] = (byte) multicast;
    for (int i = 0; i < unicast; i++) {
      table[6 + 6 * i] = (byte) (2 + (i & seed));
      table[11 + 6 * i] = (byte) i;
    }
    for (int i = 0; i < multicast; i++) {
      table[10 + 6 * (unicast + i)] = (byte) (2 + (seed & 1));
      table[15 + 6 * (unicast + i)] = (byte) (i + seed);
    }
    return table;
  }

  /** Steering by a table of two entries, or reports only. */
  private static byte[] hashing(int types, int entry, int pairs, boolean steer) {
    return steer
        ? bytes(4, 1, types, 0, 0, 0, 1, 0, entry, 0, entry, 0, 1, 0, pairs, 0, 3, 9, entry, 0)
        : bytes(4, 2, types, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 7, entry);
  }

  /** Of all transmit queues, all receive queues, or one. */
  private static byte[] coalescing(int command, int queue, int packets) {
    return command < 2
        ? bytes(6, command, packets, 0, 0, 0, 9, 0, 0, 0)
        : bytes(6, 2, queue, 0, 0, 0, packets, 0, 0, 0, 7, 0, 0, 0);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
