package handover.devices.virtio;

/** Feature bits that every kind of device shares (virtio 1.2, 6). */
public final class Features {
  /** Legacy: descriptors may be laid out at will. */
  public static final long ANY_LAYOUT = 1L << 27;

  /** A descriptor may refer to a table of descriptors. */
  public static final long RING_INDIRECT_DESC = 1L << 28;

  /** Notifications are suppressed by index instead of by flag. */
  public static final long RING_EVENT_IDX = 1L << 29;

  /** The driver follows virtio 1.0 or later. */
  public static final long VERSION_1 = 1L << 32;

  /** Rings are packed instead of split. */
  public static final long RING_PACKED = 1L << 34;

  /** The driver may reset one queue. */
  public static final long RING_RESET = 1L << 40;

  private Features() {}
}
