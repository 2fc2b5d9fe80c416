package handover.devices.virtio.backend;

/** Commands of the control queue by the feature that allows them (virtio 1.2, 5.1.3). */
public enum ControlClass {
  /** VIRTIO_NET_F_CTRL_MAC_ADDR. */
  MAC,
  /** VIRTIO_NET_F_CTRL_RX: the address table, promiscuous and all-multicast mode. */
  RX,
  /** VIRTIO_NET_F_CTRL_RX_EXTRA: the other receive modes. */
  RX_EXTRA,
  /** VIRTIO_NET_F_MQ. */
  QUEUE_PAIRS,
  /** VIRTIO_NET_F_RSS. */
  STEERING,
  /** VIRTIO_NET_F_HASH_REPORT. */
  HASH_REPORT,
  /** VIRTIO_NET_F_CTRL_GUEST_OFFLOADS. */
  OFFLOADS,
  /** VIRTIO_NET_F_CTRL_VLAN. */
  VLAN,
  /** VIRTIO_NET_F_NOTF_COAL. */
  COALESCING,
  /** VIRTIO_NET_F_VQ_NOTF_COAL. */
  QUEUE_COALESCING
}
