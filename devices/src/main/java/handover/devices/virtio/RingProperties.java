package handover.devices.virtio;

import handover.devices.Property;
import handover.devices.PropertyValues;
import java.util.ArrayList;
import java.util.List;

/** The properties, by QEMU's names, that switch features of the rings. */
public final class RingProperties {
  /** What drivers from before virtio 1.0 are not offered. */
  static final long MODERN = Features.RING_PACKED | Features.RING_RESET;

  private RingProperties() {}

  /** A device's own properties, and those of its rings. */
  public static List<Property> after(List<Property> own) {
    List<Property> all = new ArrayList<>(own);
    all.add(
        Property.flag("indirect_desc", "on", "Descriptors may refer to tables of descriptors."));
    all.add(Property.flag("event_idx", "on", "Notifications are suppressed by index."));
    all.add(Property.flag("queue_reset", "on", "The driver may reset a single queue."));
    all.add(Property.flag("packed", "off", "Packed rings, for drivers that know them."));
    return List.copyOf(all);
  }

  /** The features switched on. */
  public static long features(PropertyValues values) {
    return (values.flag("indirect_desc") ? Features.RING_INDIRECT_DESC : 0)
        | (values.flag("event_idx") ? Features.RING_EVENT_IDX : 0)
        | (values.flag("queue_reset") ? Features.RING_RESET : 0)
        | (values.flag("packed") ? Features.RING_PACKED : 0);
  }
}
