package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MigrationAddressTest {
  @Test
  void namesAndPorts() throws IOException {
    assertThat(MigrationAddress.parse("tcp:127.0.0.1:4444"))
        .isEqualTo(new MigrationAddress.Tcp("127.0.0.1", 4444));
    assertThat(MigrationAddress.parse("tcp:[::1]:4444"))
        .isEqualTo(new MigrationAddress.Tcp("::1", 4444));
    assertThat(MigrationAddress.parse("tcp::0")).isEqualTo(MigrationAddress.parse("tcp:0:0"));
    InetSocketAddress every = (InetSocketAddress) MigrationAddress.parse("tcp::5").listening();
    assertThat(every.getAddress().isAnyLocalAddress()).isTrue();
    InetSocketAddress here =
        (InetSocketAddress) MigrationAddress.parse("tcp::5").targets().getFirst();
    assertThat(here.getAddress().isLoopbackAddress()).isTrue();
    assertThat(MigrationAddress.parse("unix:/tmp/a:b").listening())
        .isEqualTo(UnixDomainSocketAddress.of("/tmp/a:b"));
    assertThat(MigrationAddress.parse("file:/tmp/a,b"))
        .isEqualTo(new MigrationAddress.Disk(Path.of("/tmp/a,b"), 0));
    assertThat(MigrationAddress.parse("file:/tmp/a,offset=0x1000"))
        .isEqualTo(new MigrationAddress.Disk(Path.of("/tmp/a"), 0x1000));
    assertThatThrownBy(() -> MigrationAddress.parse("file:/tmp/a,offset=-1"))
        .hasMessageContaining("file:PATH,offset=BYTES");
  }

  @Test
  void nonsenseIsExplained() {
    assertThatThrownBy(() -> MigrationAddress.parse("rdma:host:1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give tcp:HOST:PORT, unix:PATH or file:PATH[,offset=BYTES]");
    assertThatThrownBy(() -> MigrationAddress.parse("unix:")).hasMessageContaining("unix:PATH");
    assertThatThrownBy(() -> MigrationAddress.parse("tcp:h:x")).hasMessageContaining("'x'");
  }
}
