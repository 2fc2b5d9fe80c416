package handover.devices.virtio.net;

/** Feature bits of the network device (virtio 1.2, 5.1.3). */
final class NetFeatures {
  static final long CSUM = 1L << 0;
  static final long GUEST_CSUM = 1L << 1;
  static final long CTRL_GUEST_OFFLOADS = 1L << 2;
  static final long MTU = 1L << 3;
  static final long MAC = 1L << 5;

  /** Any segmentation; for drivers of the legacy interface, which QEMU offers it to. */
  static final long GSO = 1L << 6;

  static final long GUEST_TSO4 = 1L << 7;
  static final long GUEST_TSO6 = 1L << 8;
  static final long GUEST_ECN = 1L << 9;
  static final long GUEST_UFO = 1L << 10;
  static final long HOST_TSO4 = 1L << 11;
  static final long HOST_TSO6 = 1L << 12;
  static final long HOST_ECN = 1L << 13;
  static final long MRG_RXBUF = 1L << 15;
  static final long STATUS = 1L << 16;
  static final long CTRL_VQ = 1L << 17;
  static final long CTRL_RX = 1L << 18;
  static final long CTRL_VLAN = 1L << 19;
  static final long CTRL_RX_EXTRA = 1L << 20;
  static final long GUEST_ANNOUNCE = 1L << 21;
  static final long MQ = 1L << 22;
  static final long CTRL_MAC_ADDR = 1L << 23;

  static final long VQ_NOTF_COAL = 1L << 52;
  static final long NOTF_COAL = 1L << 53;
  static final long HASH_REPORT = 1L << 57;
  static final long RSS = 1L << 60;
  static final long SPEED_DUPLEX = 1L << 63;

  /** What CTRL_GUEST_OFFLOADS can switch; the command uses the feature bits themselves. */
  static final long GUEST_OFFLOADS = GUEST_CSUM | GUEST_TSO4 | GUEST_TSO6 | GUEST_ECN | GUEST_UFO;

  private NetFeatures() {}
}
