package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.Chardevs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChardevsTest {
  private final List<String> problems = new ArrayList<>();
  private final Chardevs chardevs = new Chardevs();

  private void netdev(Map<String, String> given) {
    assertThat(new Netdevs(chardevs).open("vhost-user", given, problems::add)).isEmpty();
  }

  @Test
  void everythingWrongIsSaidAtOnce() {
    chardevs.add("sockt", Map.of("id", "a"), problems::add);
    chardevs.add("socket", Map.of("id", "c0", "pth", "/x", "server", "perhaps"), problems::add);
    chardevs.add("socket", Map.of("path", "/x"), problems::add);
    assertThat(problems)
        .containsExactlyInAnyOrder(
            "chardev a: there is no chardev type 'sockt'; did you mean 'socket'?",
            "chardev c0 has no property 'pth'; did you mean 'path'?",
            "chardev c0: property 'server' expects on or off, got 'perhaps'",
            "chardev c0: path= is missing",
            "chardev socket: id= is missing");
  }

  @Test
  void anIdIsGivenOnce() {
    chardevs.add("socket", Map.of("id", "c0", "path", "/x"), problems::add);
    chardevs.add("socket", Map.of("id", "c0", "path", "/y"), problems::add);
    assertThat(problems).containsExactly("-chardev: id 'c0' is given twice");
  }

  @Test
  void aNetdevNamesASocketThatIsThere() {
    chardevs.add("socket", Map.of("id", "c0", "path", "/nowhere/at/all"), problems::add);
    netdev(Map.of("id", "n0"));
    netdev(Map.of("id", "n0", "chardev", "c1"));
    netdev(Map.of("id", "n0", "chardev", "c0", "queues", "129"));
    netdev(Map.of("id", "n0", "chardev", "c0"));
    assertThat(problems)
        .containsExactly(
            "netdev n0: chardev= is missing",
            "netdev n0: there is no chardev with id 'c1'; did you mean 'c0'?",
            "netdev n0: queues expects a number from 1 to 128, got 129",
            "netdev n0: no vhost-user back end at /nowhere/at/all: No such file or directory");
  }
}
