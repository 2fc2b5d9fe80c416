package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.virtio.VirtioFault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlCommandsTest {
  private static final int PAIRS = 8;
  private static final byte[] ADDRESS = HexFormat.of().parseHex("525400000001");

  private final NetControl control = new NetControl(ADDRESS);
  private final ControlCommands commands = new ControlCommands(control, PAIRS);

  @Property(tries = 3000)
  void noCommandBreaksAnything(@ForAll("requests") byte[] request, @ForAll long features) {
    FakeChain chain = new FakeChain(request, 1);
    NetControl before = new NetControl(ADDRESS);
    before.copyFrom(control);
    boolean ok = commands.handle(chain, features);
    assertThat(chain.answer[0]).isEqualTo((byte) (ok ? 0 : 1));
    assertThat(control.tableEntries).isBetween(0, NetControl.MAC_TABLE_ENTRIES);
    assertThat(control.queuePairs).isBetween(1, PAIRS);
    assertThat(control.guestOffloads & ~NetFeatures.GUEST_OFFLOADS).isZero();
    if (!ok) {
      assertThat(everything(control)).isEqualTo(everything(before));
    }
  }

  private static List<Object> everything(NetControl c) {
    return List.of(
        ByteBuffer.wrap(c.mac),
        ByteBuffer.wrap(c.table),
        ByteBuffer.wrap(c.vlans),
        List.of(c.status, c.tableEntries, c.queuePairs, c.guestOffloads),
        List.of(c.promiscuous, c.allMulticast, c.allUnicast, c.noMulticast, c.noUnicast),
        List.of(c.noBroadcast, c.multicastOverflow, c.unicastOverflow));
  }

  /** Mostly commands that exist, with data of about the right size. */
  @Provide
  Arbitrary<byte[]> requests() {
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
    Arbitrary<byte[]> likely =
        Combinators.combine(
                Arbitraries.bytes().between((byte) 0, (byte) 6),
                Arbitraries.bytes().between((byte) 0, (byte) 6),
                Arbitraries.bytes().between((byte) 0, (byte) 3).array(byte[].class).ofMaxSize(30))
            .as(
                (kind, command, data) ->
                    ByteBuffer.allocate(2 + data.length).put(kind).put(command).put(data).array());
    return Arbitraries.oneOf(noise, likely);
  }

  @Test
  void aCommandWithoutRoomForItsAnswerIsAFault() {
    assertThatThrownBy(() -> commands.handle(new FakeChain(new byte[3], 0), -1))
        .isInstanceOf(VirtioFault.class);
  }

  @Test
  void queuePairsMustExist() {
    assertThat(run(4, 0, 8, 0)).isTrue();
    assertThat(control.queuePairs).isEqualTo(8);
    assertThat(run(4, 0, 9, 0)).isFalse();
    assertThat(run(4, 0, 0, 0)).isFalse();
    assertThat(run(4, 0, 0, 0x80)).isFalse();
    assertThat(control.queuePairs).isEqualTo(8);
  }

  @Test
  void anAddressTableThatDoesNotFitBecomesEverybody() {
    assertThat(commands.handle(new FakeChain(table(65, 3), 1), -1)).isTrue();
    assertThat(control.unicastOverflow).isTrue();
    assertThat(control.multicastOverflow).isFalse();
    assertThat(control.tableEntries).isEqualTo(3);
    assertThat(commands.handle(new FakeChain(table(60, 5), 1), -1)).isTrue();
    assertThat(control.unicastOverflow).isFalse();
    assertThat(control.multicastOverflow).isTrue();
    assertThat(control.tableEntries).isEqualTo(60);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0100",
        "010001000000",
        "0100ffffffff00000000",
        "01000000000001000000",
        "0100000000ff"
      })
  void anAddressTableWhoseCountsLieIsRefused(String hex) {
    assertThat(commands.handle(new FakeChain(HexFormat.of().parseHex(hex), 1), -1)).isFalse();
  }

  @Test
  void filtersFollowTheirModes() {
    byte[] mine = frame("525400000001");
    byte[] other = frame("525400000002");
    byte[] multicast = frame("333300000001");
    byte[] broadcast = frame("ffffffffffff");
    assertThat(control.accepts(other, 0)).as("promiscuous").isTrue();
    run(0, 0, 0);
    assertAccepted(mine, true, other, false, multicast, false, broadcast, true);
    run(0, 1, 1);
    assertAccepted(mine, true, other, false, multicast, true, broadcast, true);
    run(0, 3, 1);
    run(0, 5, 1);
    assertAccepted(mine, true, other, false, multicast, false, broadcast, false);
    run(0, 2, 1);
    assertAccepted(mine, true, other, true, multicast, false, broadcast, false);
    run(0, 4, 1);
    assertAccepted(mine, false, other, false, multicast, false, broadcast, false);
  }

  private void assertAccepted(Object... framesAndExpectations) {
    for (int i = 0; i < framesAndExpectations.length; i += 2) {
      assertThat(control.accepts((byte[]) framesAndExpectations[i], 0))
          .as("frame %d", i / 2)
          .isEqualTo(framesAndExpectations[i + 1]);
    }
  }

  @Test
  void vlansAreFilteredByNumber() {
    control.vlan(5, false);
    byte[] tagged = frame("525400000001");
    System.arraycopy(HexFormat.of().parseHex("8100e005"), 0, tagged, 12, 4);
    run(0, 0, 0);
    assertThat(control.accepts(tagged, 0)).isFalse();
    run(2, 0, 5, 0);
    assertThat(control.accepts(tagged, 0)).isTrue();
    assertThat(run(2, 0, 0, 16)).isFalse();
  }

  @Test
  void anAnnouncementIsAcknowledgedOnce() {
    assertThat(run(3, 0)).isFalse();
    control.status |= NetControl.ANNOUNCE;
    assertThat(run(3, 0)).isTrue();
    assertThat(control.status).isEqualTo(NetControl.LINK_UP);
  }

  private boolean run(int... request) {
    byte[] bytes = new byte[request.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) request[i];
    }
    return commands.handle(new FakeChain(bytes, 1), -1);
  }

  private static byte[] frame(String destination) {
    byte[] frame = new byte[60];
    System.arraycopy(HexFormat.of().parseHex(destination), 0, frame, 0, 6);
    return frame;
  }

  private static byte[] table(int unicast, int multicast) {
    ByteBuffer table = ByteBuffer.allocate(10 + 6 * (unicast + multicast));
    table.order(ByteOrder.LITTLE_ENDIAN).put((byte) 1).put((byte) 0).putInt(unicast);
    for (int i = 0; i < unicast; i++) {
      table.put(new byte[] {2, 0, 0, 0, 0, (byte) i});
    }
    table.putInt(multicast);
    for (int i = 0; i < multicast; i++) {
      table.put(new byte[] {3, 0, 0, 0, 0, (byte) i});
    }
    return table.array();
  }
}
