package handover.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MonitorAddressTest {
  @Test
  void understandsQemusForms() {
    assertThat(MonitorAddress.parse("stdio")).isEqualTo(new MonitorAddress.Stdio());
    assertThat(MonitorAddress.parse("none")).isEqualTo(new MonitorAddress.None());
    assertThat(MonitorAddress.parse("unix:/tmp/q,server=on,wait=off"))
        .isEqualTo(new MonitorAddress.Socket(UnixDomainSocketAddress.of("/tmp/q"), true, false));
    assertThat(MonitorAddress.parse("unix:/tmp/q,server,nowait"))
        .isEqualTo(new MonitorAddress.Socket(UnixDomainSocketAddress.of("/tmp/q"), true, false));
    assertThat(MonitorAddress.parse("tcp:127.0.0.1:4444,server=on"))
        .isEqualTo(
            new MonitorAddress.Socket(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 4444), true, true));
    assertThat(MonitorAddress.parse("tcp:[::1]:5"))
        .isEqualTo(
            new MonitorAddress.Socket(
                new InetSocketAddress(InetAddress.ofLiteral("::1"), 5), false, false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unix: | lacks the socket's path",
        "tcp:host | expected tcp:HOST:PORT",
        "tcp:host:70000 | port from 0 to 65535",
        "tcp:host:x | expected tcp:HOST:PORT",
        "udp:host:1 | expected unix:PATH or tcp:HOST:PORT, got 'udp:host:1'",
        "unix:/x,sever=on | unknown option 'sever'; did you mean 'server'?",
        "unix:/x,server=maybe | option 'server' expects on or off",
        "stdio,server=on | takes no options"
      })
  void saysWhatItExpected(String text, String words) {
    assertThatThrownBy(() -> MonitorAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }
}
