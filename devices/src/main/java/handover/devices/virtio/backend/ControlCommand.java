package handover.devices.virtio.backend;

/**
 * One command of the control queue (virtio 1.2, 5.1.6.5). All of them set something absolutely, so
 * a command may be given twice.
 */
public sealed interface ControlCommand {
  /** VIRTIO_NET_CTRL_MAC_ADDR_SET. */
  record SetMac(MacAddress mac) implements ControlCommand {}

  /** VIRTIO_NET_CTRL_MAC_TABLE_SET. */
  record SetMacTable(MacTable table) implements ControlCommand {}

  /** VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, which also switches hashing off. */
  record SetQueuePairs(int pairs) implements ControlCommand {}

  /**
   * VIRTIO_NET_CTRL_MQ_RSS_CONFIG.
   *
   * @param pairs transmit queues in use, and so queue pairs
   */
  record SetSteering(Hashing.Steering steering, int pairs) implements ControlCommand {}

  /** VIRTIO_NET_CTRL_MQ_HASH_CONFIG. */
  record SetHashReport(Hashing.Report report) implements ControlCommand {}

  /**
   * No hashing, for a device whose queue pairs cannot be set, which would switch it off too.
   *
   * @param with the command to say it with: STEERING or HASH_REPORT
   * @param pairs transmit queues in use
   */
  record StopHashing(ControlClass with, int pairs) implements ControlCommand {}

  /** VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET. */
  record SetOffloads(long offloads) implements ControlCommand {}

  /** One of the VIRTIO_NET_CTRL_RX commands, by its number. */
  record SetReceiveMode(int mode, boolean on) implements ControlCommand {}

  /** VIRTIO_NET_CTRL_VLAN_ADD or _DEL. */
  record SetVlan(int number, boolean in) implements ControlCommand {}

  /**
   * VIRTIO_NET_CTRL_NOTF_COAL_RX_SET or _TX_SET.
   *
   * @param direction 0 for receive queues, 1 for transmit queues
   * @param queues how many data queues there are of both
   */
  record SetCoalescing(int direction, InterruptLimits.Limit limit, int queues)
      implements ControlCommand {}

  /**
   * VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET.
   *
   * @param queues how many data queues there are
   */
  record SetQueueCoalescing(int queue, InterruptLimits.Limit limit, int queues)
      implements ControlCommand {}

  /** Class, command and data, as a driver would put them into the control queue. */
  default byte[] encode() {
    return ControlEncoder.encode(this);
  }
}
