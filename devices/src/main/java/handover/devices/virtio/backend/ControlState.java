package handover.devices.virtio.backend;

/**
 * Everything control commands can set. The announcement is not among it: a command about it answers
 * a question of this very moment, so it is never replayed.
 *
 * @param mac the device's own address
 * @param macTable the address filter
 * @param queuePairs pairs in use, from 1
 * @param hashing hash reports or receive-side scaling
 * @param offloads receive offloads in force, by their feature bits
 * @param modes receive modes
 * @param vlans VLANs let through
 * @param limits how interrupts are coalesced
 */
public record ControlState(
    MacAddress mac,
    MacTable macTable,
    int queuePairs,
    Hashing hashing,
    long offloads,
    ReceiveModes modes,
    VlanSet vlans,
    InterruptLimits limits) {

  /**
   * What a device is in when its features have been negotiated and no command has come yet.
   *
   * @param offloads receive offloads that were negotiated: they begin switched on
   * @param vlanFilter whether there is a VLAN filter: it begins closed
   */
  public static ControlState initial(long offloads, boolean vlanFilter) {
    return new ControlState(
        MacAddress.UNKNOWN,
        MacTable.EMPTY,
        1,
        Hashing.OFF,
        offloads,
        ReceiveModes.INITIAL,
        vlanFilter ? VlanSet.NONE : VlanSet.ALL,
        InterruptLimits.NONE);
  }

  /** What {@code command} makes of a device in this state. */
  public ControlState after(ControlCommand command) {
    return switch (command) {
      case ControlCommand.SetMac c -> withMac(c.mac());
      case ControlCommand.SetMacTable c -> withMacTable(c.table());
      case ControlCommand.SetQueuePairs c -> withQueues(c.pairs(), Hashing.OFF);
      case ControlCommand.SetSteering c -> withQueues(c.pairs(), c.steering());
      case ControlCommand.SetHashReport c -> withQueues(queuePairs, c.report());
      case ControlCommand.StopHashing c -> withQueues(queuePairs, Hashing.OFF);
      case ControlCommand.SetOffloads c -> withOffloads(c.offloads());
      case ControlCommand.SetReceiveMode c -> withModes(modes.with(c.mode(), c.on()));
      case ControlCommand.SetVlan c -> withVlans(vlans.with(c.number(), c.in()));
      case ControlCommand.SetCoalescing c ->
          withLimits(limits.withAll(c.direction(), c.limit(), c.queues()));
      case ControlCommand.SetQueueCoalescing c ->
          withLimits(limits.with(c.queue(), c.limit(), c.queues()));
    };
  }

  private ControlState withMac(MacAddress now) {
    return new ControlState(now, macTable, queuePairs, hashing, offloads, modes, vlans, limits);
  }

  private ControlState withMacTable(MacTable now) {
    return new ControlState(mac, now, queuePairs, hashing, offloads, modes, vlans, limits);
  }

  private ControlState withQueues(int pairs, Hashing now) {
    return new ControlState(mac, macTable, pairs, now, offloads, modes, vlans, limits);
  }

  private ControlState withOffloads(long now) {
    return new ControlState(mac, macTable, queuePairs, hashing, now, modes, vlans, limits);
  }

  private ControlState withModes(ReceiveModes now) {
    return new ControlState(mac, macTable, queuePairs, hashing, offloads, now, vlans, limits);
  }

  private ControlState withVlans(VlanSet now) {
    return new ControlState(mac, macTable, queuePairs, hashing, offloads, modes, now, limits);
  }

  private ControlState withLimits(InterruptLimits now) {
    return new ControlState(mac, macTable, queuePairs, hashing, offloads, modes, vlans, now);
  }
}
