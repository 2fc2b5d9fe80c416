package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.Await;
import handover.devices.net.LearningSwitch;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.devices.virtio.QtestProcess;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** QEMU's stream netdev and ours meet at the switch. */
class QemuOnTheWireTest {
  @Test
  void qemusAnnouncementIsTheOneWeWouldSend(@TempDir Path folder) throws IOException {
    QtestProcess.require();
    Path hub = folder.resolve("hub");
    String mac = "525400aabbcc";
    try (LearningSwitch wire = new LearningSwitch()) {
      wire.listen(UnixDomainSocketAddress.of(hub));
      String options = "addr.type=unix,addr.path=" + hub;
      List<byte[]> got = new CopyOnWriteArrayList<>();
      try (Netdev ours = open("id=n1," + options);
          QemuMachine qemu =
              new QemuMachine(
                  folder, false, ",mac=52:54:00:aa:bb:cc", "stream,id=n0,server=off," + options)) {
        ours.attach((frame, at, length) -> got.add(Arrays.copyOfRange(frame, at, at + length)));
        Await.until("both at the switch", () -> wire.ports().size() == 2);
        for (int attempt = 0; attempt < 60 && got.isEmpty(); attempt++) {
          // What QEMU sends before it has noticed that its wire is connected is lost.
          qemu.announce();
          awaitFrame(got);
        }
        assertThat(got).as("an announcement from QEMU").isNotEmpty();
        assertThat(got.getFirst()).isEqualTo(Announcement.rarp(HexFormat.of().parseHex(mac), 0));
      }
    }
  }

  /** Returns when a frame has arrived, or after half a second without one. */
  private static void awaitFrame(List<byte[]> got) {
    long retry = System.nanoTime() + 500_000_000L;
    while (got.isEmpty() && System.nanoTime() < retry) {
      Thread.onSpinWait();
    }
  }

  private static Netdev open(String options) {
    return new Netdevs()
        .open(
            "stream",
            OurMachine.parse(options),
            problem -> {
              throw new AssertionError(problem);
            })
        .orElseThrow();
  }
}
