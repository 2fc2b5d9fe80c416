package handover.devices.vhost;

import handover.devices.virtio.Features;

/** Feature bits as a vhost-user back end sees them. */
final class VhostFeatures {
  /** VHOST_F_LOG_ALL: every page written is logged. */
  static final long LOG_ALL = 1L << 26;

  /** VHOST_USER_F_PROTOCOL_FEATURES: there are protocol features, and rings begin disabled. */
  static final long PROTOCOL_FEATURES = 1L << 30;

  /** VIRTIO_NET_F_MQ. */
  static final long NET_MQ = 1L << 22;

  /** CSUM, GUEST_CSUM, the GUEST_ and HOST_ offloads, and MRG_RXBUF. */
  private static final long NET_PACKETS = 0x3 | 0xffL << 7 | 1L << 15;

  /** Features that change what is in the rings: the back end must have them, too. */
  static final long SHARED =
      NET_PACKETS
          | NET_MQ
          | Features.RING_INDIRECT_DESC
          | Features.RING_EVENT_IDX
          | Features.VERSION_1
          | Features.RING_PACKED;

  /**
   * Features that would have to be passed on to the back end, for which vhost-user has no word:
   * MTU, CTRL_GUEST_OFFLOADS, both kinds of coalescing, hash reports, RSS, reset of single queues.
   */
  static final long IMPOSSIBLE =
      1L << 2 | 1L << 3 | 1L << 52 | 1L << 53 | 1L << 57 | 1L << 60 | Features.RING_RESET;

  // ---- Protocol features.

  /** VHOST_USER_PROTOCOL_F_MQ. */
  static final long MQ = 1;

  /** VHOST_USER_PROTOCOL_F_LOG_SHMFD: the log of dirty pages is a shared descriptor. */
  static final long LOG_SHMFD = 1L << 1;

  /** VHOST_USER_PROTOCOL_F_RARP: the back end announces the guest. */
  static final long RARP = 1L << 2;

  /** VHOST_USER_PROTOCOL_F_REPLY_ACK: any request can be answered. */
  static final long REPLY_ACK = 1L << 3;

  /** The protocol features we know. */
  static final long PROTOCOL = MQ | LOG_SHMFD | RARP | REPLY_ACK;

  private VhostFeatures() {}
}
