package handover.devices.virtio.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.MemoryCharacterBackend;
import handover.devices.virtio.Saving;
import handover.devices.virtio.TestGuest;
import handover.devices.virtio.TestRing.Piece;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VirtioConsoleTest {
  private static final int INPUT = 0;
  private static final int OUTPUT = 1;
  private static final int CONTROL_INPUT = 2;
  private static final int CONTROL_OUTPUT = 3;
  private static final int CHANNEL_INPUT = 4;
  private static final int CHANNEL_OUTPUT = 5;

  private final MemoryCharacterBackend terminal = new MemoryCharacterBackend();
  private final MemoryCharacterBackend channel = new MemoryCharacterBackend();
  private final TestGuest guest = new TestGuest();
  private VirtioConsole device = device(guest, Map.of());

  private VirtioConsole device(TestGuest machine, Map<String, String> more) {
    Map<String, String> given = new HashMap<>(Map.of("max_ports", "2"));
    given.putAll(more);
    List<SerialPort> ports =
        List.of(
            new SerialPort(1, false, "org.handover.test", channel),
            new SerialPort(0, true, "", terminal));
    VirtioConsole made =
        VirtioConsole.create(given, ports, machine.memory(), p -> assertThat(p).isEmpty())
            .orElseThrow();
    machine.plug(made, false);
    return made;
  }

  private void start(long features) {
    guest.start(features, 8, 8, 16, 8, 8, 8);
    for (int i = 0; i < 16; i++) {
      guest.ring(CONTROL_INPUT).add(Piece.in(64));
    }
    guest.kick(CONTROL_INPUT);
  }

  private void say(int port, int event, int value) {
    ByteBuffer message = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(port).putShort((short) event).putShort((short) value);
    guest.ring(CONTROL_OUTPUT).add(Piece.out(message.array()));
    guest.kick(CONTROL_OUTPUT);
    guest.ring(CONTROL_OUTPUT).await();
  }

  private String heard(TestGuest machine) {
    byte[] bytes = machine.ring(CONTROL_INPUT).await().written();
    ByteBuffer message = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    String words = message.getInt() + " " + message.getShort() + " " + message.getShort();
    if (!message.hasRemaining()) {
      return words;
    }
    return bytes.length == 12
        ? words + " " + message.getShort() + "x" + message.getShort()
        : words + " " + new String(bytes, 8, bytes.length - 8, StandardCharsets.UTF_8);
  }

  private List<String> heard(int count) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(heard(guest));
    }
    return all;
  }

  private void introduce() {
    say(0, PortControl.DEVICE_READY, 1);
    assertThat(heard(2)).containsExactly("0 1 1", "1 1 1");
    say(0, PortControl.PORT_READY, 1);
    say(1, PortControl.PORT_READY, 1);
    heard(4);
    say(0, PortControl.PORT_OPEN, 1);
    say(1, PortControl.PORT_OPEN, 1);
  }

  @Test
  void tellsTheDriverOfItsPorts() {
    device = device(guest, Map.of("cols", "132", "rows", "43"));
    start(-1);
    say(0, PortControl.DEVICE_READY, 1);
    assertThat(heard(2)).containsExactly("0 1 1", "1 1 1");
    say(0, PortControl.PORT_READY, 1);
    assertThat(heard(3)).containsExactly("0 4 1", "0 5 1 132x43", "0 6 1");
    say(1, PortControl.PORT_READY, 1);
    assertThat(heard(2)).containsExactly("1 7 1 org.handover.test", "1 6 1");
  }

  @Test
  void configurationSpaceSaysHowLargeAndHowMany() {
    device = device(guest, Map.of("cols", "80", "rows", "25"));
    assertThat(guest.config(0, 12)).containsExactly(80, 0, 25, 0, 2, 0, 0, 0, 0, 0, 0, 0);
    assertThat(guest.offered() & 7).isEqualTo(7);
    device(guest, Map.of("emergency-write", "off", "max_ports", "2"));
    assertThat(guest.offered() & 7).isEqualTo(2);
  }

  @Test
  void carriesOutputAndInput() {
    start(-1);
    introduce();
    guest
        .ring(OUTPUT)
        .add(Piece.out("hel".getBytes(StandardCharsets.UTF_8)), Piece.out((byte) 'o'));
    guest.kick(OUTPUT);
    guest.ring(OUTPUT).await();
    assertThat(terminal.output()).isEqualTo("helo");
    guest.ring(CHANNEL_OUTPUT).add(Piece.out(new byte[10_000]));
    guest.kick(CHANNEL_OUTPUT);
    guest.ring(CHANNEL_OUTPUT).await();
    assertThat(channel.output()).hasSize(10_000);
    guest.ring(INPUT).add(Piece.in(3));
    guest.ring(INPUT).add(Piece.in(64));
    guest.kick(INPUT);
    terminal.type("typed");
    assertThat(text(guest, INPUT)).isEqualTo("typ");
    assertThat(text(guest, INPUT)).isEqualTo("ed");
  }

  private static String text(TestGuest machine, int ring) {
    return new String(machine.ring(ring).await().written(), StandardCharsets.UTF_8);
  }

  /** What nobody reads waits at its far end, where there is room for it. */
  @Test
  void inputWaitsForTheGuestToOpenThePort() {
    start(-1);
    channel.type("early");
    guest.ring(CHANNEL_INPUT).add(Piece.in(64));
    guest.kick(CHANNEL_INPUT);
    introduce();
    assertThat(text(guest, CHANNEL_INPUT)).isEqualTo("early");
    say(1, PortControl.PORT_OPEN, 0);
    guest.ring(CHANNEL_INPUT).add(Piece.in(64));
    guest.kick(CHANNEL_INPUT);
    channel.type("late");
    device.pause();
    assertThat(guest.ring(CHANNEL_INPUT).take()).isEmpty();
    assertThat(channel.read()).as("still there").isEqualTo('l');
  }

  @Test
  void aDriverOfOnePortNeedsNoControlQueue() {
    guest.start(0, 8, 8);
    guest.ring(INPUT).add(Piece.in(64));
    guest.kick(INPUT);
    terminal.type("x");
    assertThat(text(guest, INPUT)).isEqualTo("x");
  }

  @Test
  void printsInAnEmergency() {
    guest.mmio().store(0x100 + 8, 4, '!');
    assertThat(terminal.output()).isEqualTo("!");
  }

  /** Ports that are not there, events that do not exist, messages too short: nothing happens. */
  @Test
  void nonsenseOnTheControlQueueIsIgnored() {
    start(-1);
    say(7, PortControl.PORT_READY, 1);
    say(-1, PortControl.PORT_OPEN, 1);
    say(0, 0xffff, 1);
    guest.ring(CONTROL_OUTPUT).add(Piece.out(new byte[3]));
    guest.ring(CONTROL_OUTPUT).add(Piece.in(8));
    guest.kick(CONTROL_OUTPUT);
    guest.ring(CONTROL_OUTPUT).await();
    guest.ring(CONTROL_OUTPUT).await();
    introduce();
  }

  @Test
  void everyControlMessageIsNewsForMigration() {
    start(-1);
    long before = device.generation();
    say(0, PortControl.DEVICE_READY, 1);
    assertThat(device.generation()).isGreaterThan(before);
  }

  // ---- Moving

  /** The destination's driver goes on where it was, and hears what it had no buffer for. */
  @Test
  void movesInGroupsWithWhatWasNotYetSaid() {
    guest.start(-1, 8, 8, 16, 8, 8, 8);
    say(0, PortControl.DEVICE_READY, 1);
    say(1, PortControl.PORT_OPEN, 1);
    TestGuest there = new TestGuest(guest.memory());
    VirtioConsole to = device(there, Map.of());
    to.stage(Saving.throughGroups(device, to));
    device.pause();
    channel.type("for the destination");
    to.commit(Saving.throughGroups(device, to));
    assertThat(GroupForm.digest(to.declaration(), to.snapshot()))
        .isEqualTo(GroupForm.digest(device.declaration(), device.snapshot()));
    there.adoptRings(guest);
    to.resume();
    there.ring(CONTROL_INPUT).add(Piece.in(64));
    there.ring(CONTROL_INPUT).add(Piece.in(64));
    there.kick(CONTROL_INPUT);
    assertThat(List.of(heard(there), heard(there))).containsExactly("0 1 1", "1 1 1");
    there.ring(CHANNEL_INPUT).add(Piece.in(64));
    there.kick(CHANNEL_INPUT);
    assertThat(text(there, CHANNEL_INPUT)).isEqualTo("for the destination");
  }

  /** An idle console's last state is an index for each queue in use, and no table of its own. */
  @Test
  void itsHotStateIsSmall() {
    start(-1);
    introduce();
    int hot = 0;
    for (StateDeclaration.Group<ConsoleState> group : device.declaration().groups()) {
      if (group.changes() == ChangeClass.HOT) {
        hot += GroupForm.encode(group, device.snapshot()).length;
      }
    }
    assertThat(hot).isEqualTo(1 + 2 * 6);
  }

  @Test
  void movesInTheClassicForm() {
    start(-1);
    introduce();
    device.pause();
    TestGuest there = new TestGuest(guest.memory());
    VirtioConsole to = device(there, Map.of());
    byte[] section = Saving.classic(device);
    to.commit(Saving.fromClassic(to, section));
    assertThat(Saving.classic(to)).isEqualTo(section);
    assertThat(to.snapshot().guestConnected).containsOnly(true);
  }

  @Test
  void otherPortsAreRefusedInWords() {
    byte[] section = Saving.classic(device);
    VirtioConsole one =
        VirtioConsole.create(
                Map.of("max_ports", "2"),
                List.of(new SerialPort(0, true, "", terminal)),
                guest.memory(),
                p -> {})
            .orElseThrow();
    new TestGuest(guest.memory()).plug(one, false);
    assertThatThrownBy(() -> Saving.fromClassic(one, section))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("ports as here (bits 0x1)");
  }

  @Test
  void portsThatCannotBeAreRefused() {
    List<String> problems = new ArrayList<>();
    List<SerialPort> twice =
        List.of(new SerialPort(3, true, "", terminal), new SerialPort(3, true, "", terminal));
    assertThat(VirtioConsole.create(Map.of("max_ports", "2"), twice, guest.memory(), problems::add))
        .isEmpty();
    assertThat(problems)
        .anyMatch(p -> p.contains("there is no port 3 with max_ports=2"))
        .anyMatch(p -> p.contains("port 3 is there twice"));
    assertThat(
            VirtioConsole.create(
                Map.of("max_ports", "32"), List.of(), guest.memory(), problems::add))
        .isEmpty();
    assertThat(problems).anyMatch(p -> p.contains("max_ports expects 1 to 31, got 32"));
  }
}
