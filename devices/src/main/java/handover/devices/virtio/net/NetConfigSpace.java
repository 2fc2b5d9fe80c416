package handover.devices.virtio.net;

import handover.devices.PropertyValues;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The configuration space of a network device (virtio 1.2, 5.1.4). */
final class NetConfigSpace {
  private static final int WHOLE = 24;

  private NetConfigSpace() {}

  /**
   * Puts the fields in order, as many as there is room for.
   *
   * @param length bytes of configuration space, 6 to 24
   */
  static void fill(ByteBuffer space, PropertyValues properties, NetControl control, int length) {
    byte[] all = new byte[WHOLE];
    ByteBuffer fields = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    fields.put(control.mac);
    fields.putShort((short) control.status);
    fields.putShort((short) properties.number("queues"));
    fields.putShort((short) properties.number("host_mtu"));
    fields.putInt(properties.number("speed"));
    fields.put((byte) NetProperties.duplex(properties));
    fields.put((byte) RssConfig.MAX_KEY_BYTES);
    fields.putShort((short) RssConfig.MAX_TABLE);
    fields.putInt(PacketHash.SUPPORTED);
    space.put(all, 0, length);
  }
}
