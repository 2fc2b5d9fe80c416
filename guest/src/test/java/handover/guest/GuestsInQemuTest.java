package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our guests under an independent machine, so that a fault of ours is told from a fault of theirs.
 */
@Tag("guest")
class GuestsInQemuTest {

  private static final int ECHO = 7;
  private static final int COMMAND = 9;

  @TempDir Path folder;

  @Test
  void pulseAnswersDirtiesAndSeesASpoiltBit() throws Exception {
    Path image = Files.write(folder.resolve("pulse.bin"), PulseImage.bytes());
    String line = "ip=10.0.2.15 dirty=50 dirty-region=16 beat=50 ctrl=200 nonsense=1";
    try (QemuGuest guest =
        new QemuGuest(
            folder, List.of("-bios", "none", "-kernel", image.toString(), "-append", line))) {
      guest.line("option not understood: nonsense=1");
      guest.line("pulse: ready ip=10.0.2.15");
      byte[] mac = answersOnTheNetwork(guest);
      guest.line("pulse: beat 3 ");

      assertThat(ask(guest, mac, "stat"))
          .contains("corrupt=0", "refused=0")
          .doesNotContain("ctrl=0");
      assertThat(ask(guest, mac, "spoil")).contains("spoilt");
      guest.line("pulse: CORRUPT address=");
      assertThat(ask(guest, mac, "stat")).doesNotContain("corrupt=0");
      assertThat(ask(guest, mac, "dirty=x")).contains("not understood");

      assertThat(ask(guest, mac, "reboot")).contains("rebooting");
      guest.line("pulse: ready");
      // Not at the first boot: QEMU connects its wire when it likes, and what came before is lost.
      guest.frame("gratuitous ARP", Frames::isGratuitousArp);
      assertThat(ask(guest, answersOnTheNetwork(guest), "stat")).contains("corrupt=0");
      assertThat(ask(guest, mac, "poweroff")).contains("powering off");
      assertThat(guest.status()).isZero();
    }
  }

  @Test
  void linuxReachesItsShellAndAnswers() throws Exception {
    LinuxGuest files = GuestCache.standard().fetch(System.out::println);
    List<String> options =
        files.options("handover.dirty=10 handover.dirty-region=8 handover.sum=8");
    try (QemuGuest guest = new QemuGuest(folder, options)) {
      guest.line(LinuxGuest.READY);
      byte[] mac = answersOnTheNetwork(guest);
      guest.line("agent: sum rounds=10 corrupt=0");
      assertThat(ask(guest, mac, "stat")).contains("corrupt=0").doesNotContain("dirtied=0");
      assertThat(ask(guest, mac, "poweroff")).contains("ok");
      assertThat(guest.status()).isZero();
    }
  }

  /** ARP, ping, and UDP echoes of several sizes; returns the guest's MAC. */
  private static byte[] answersOnTheNetwork(QemuGuest guest) throws Exception {
    guest.send(Frames.arpRequest());
    byte[] mac = Frames.senderMac(guest.frame("ARP reply", Frames::isArpReply));
    guest.send(Frames.ping(mac, 5));
    guest.frame("ping reply", f -> Frames.isPong(f, 5));
    for (int size : new int[] {1, 200, 1472}) {
      byte[] payload = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
      guest.send(Frames.udp(mac, ECHO, payload));
      byte[] echo = guest.frame("UDP echo", f -> Frames.isUdpFrom(f, ECHO));
      assertThat(Frames.udpPayload(echo)).isEqualTo(payload);
    }
    return mac;
  }

  private static String ask(QemuGuest guest, byte[] mac, String command) throws Exception {
    guest.send(Frames.udp(mac, COMMAND, command.getBytes(StandardCharsets.US_ASCII)));
    return Frames.text(guest.frame("answer", f -> Frames.isUdpFrom(f, COMMAND)));
  }
}
