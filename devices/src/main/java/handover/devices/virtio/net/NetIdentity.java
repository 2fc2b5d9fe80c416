package handover.devices.virtio.net;

import handover.devices.PropertyValues;
import handover.devices.net.Netdev;
import handover.devices.virtio.VirtioIdentity;
import java.util.ArrayList;
import java.util.List;

/** What a network device is and offers, by its properties and the back end behind it. */
final class NetIdentity {
  private static final int DEVICE_ID = 1;
  private static final int CONTROL_QUEUE_SIZE = 64;

  private NetIdentity() {}

  static VirtioIdentity of(PropertyValues properties, Netdev netdev) {
    long features =
        NetProperties.features(
            properties, all -> netdev.rings().map(r -> r.features(all)).orElse(all));
    return new VirtioIdentity(
        "virtio-net",
        DEVICE_ID,
        features,
        NetProperties.configLength(features),
        queueSizes(properties, (features & NetFeatures.CTRL_VQ) != 0));
  }

  /** Receive and transmit in turn, and the control queue if there is one. */
  private static List<Integer> queueSizes(PropertyValues properties, boolean controlled) {
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < properties.number("queues"); i++) {
      sizes.add(properties.number("rx_queue_size"));
      sizes.add(properties.number("tx_queue_size"));
    }
    if (controlled) {
      sizes.add(CONTROL_QUEUE_SIZE);
    }
    return sizes;
  }
}
