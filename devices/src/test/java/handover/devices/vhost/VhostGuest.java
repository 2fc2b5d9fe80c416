package handover.devices.vhost;

import handover.devices.net.Netdev;
import handover.devices.virtio.TestGuest;
import handover.devices.virtio.net.VirtioNet;
import handover.memory.GuestMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A guest whose network device is in front of a vhost-user back end. */
final class VhostGuest implements AutoCloseable {
  final TestGuest guest;
  final VhostUserNetdev netdev;
  final VirtioNet device;

  VhostGuest(TestGuest guest, Path socket, int pairs) throws IOException {
    this.guest = guest;
    this.netdev = VhostUserNetdev.open("n0", new VhostSocket("c0", socket, false, 20), pairs);
    this.device =
        VirtioNet.create(
                options(pairs), 0, id -> Optional.<Netdev>of(netdev), guest.memory(), this::fail)
            .orElseThrow();
    guest.plug(device, false);
  }

  private static Map<String, String> options(int pairs) {
    Map<String, String> options = new HashMap<>(Map.of("netdev", "n0"));
    if (pairs > 1) {
      options.putAll(Map.of("mq", "on", "queues", Integer.toString(pairs)));
    }
    return options;
  }

  GuestMemory memory() {
    return guest.memory();
  }

  /** The driver and somebody behind it have used so many buffers of a queue. */
  void used(int queue, int buffers) {
    for (int i = 0; i < buffers; i++) {
      guest.ring(queue).add(handover.devices.virtio.TestRing.Piece.in(100));
    }
    memory().storeU16(guest.ring(queue).used() + 2, buffers);
  }

  boolean linkUp() {
    return (guest.config(6, 1)[0] & 1) != 0;
  }

  private void fail(String problem) {
    throw new AssertionError(problem);
  }

  @Override
  public void close() {
    device.close();
    netdev.close();
  }
}
