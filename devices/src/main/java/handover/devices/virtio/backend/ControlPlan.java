package handover.devices.virtio.backend;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;

/**
 * The commands that bring a device from one control state to another: what differs and nothing
 * else, in the order devices need (address, address table, queue pairs, hashing, offloads, receive
 * modes, VLANs, coalescing).
 *
 * <p>It compares with what was last applied and not with defaults, so going back to a default is a
 * command like any other.
 */
public final class ControlPlan {
  private final Set<ControlClass> allowed;
  private final ControlState to;
  private final List<ControlCommand> commands = new ArrayList<>();
  private ControlState now;

  private ControlPlan(Set<ControlClass> allowed, ControlState from, ControlState to) {
    this.allowed = allowed;
    this.now = from;
    this.to = to;
  }

  /**
   * Plans.
   *
   * @param allowed the classes whose features were negotiated; nothing of another can differ
   * @param from what was last applied
   * @param to what is wanted
   */
  public static List<ControlCommand> between(
      Set<ControlClass> allowed, ControlState from, ControlState to) {
    ControlPlan plan = new ControlPlan(allowed, from, to);
    plan.addresses();
    plan.queuePairs();
    plan.hashing();
    plan.offloads();
    plan.receiveModes();
    plan.vlans();
    plan.coalescing();
    return List.copyOf(plan.commands);
  }

  private void addresses() {
    if (allowed.contains(ControlClass.MAC) && !now.mac().equals(to.mac())) {
      add(new ControlCommand.SetMac(to.mac()));
    }
    if (allowed.contains(ControlClass.RX) && !now.macTable().equals(to.macTable())) {
      add(new ControlCommand.SetMacTable(to.macTable()));
    }
  }

  private void queuePairs() {
    boolean differ = now.queuePairs() != to.queuePairs();
    if (allowed.contains(ControlClass.QUEUE_PAIRS) && (differ || hashingStops())) {
      add(new ControlCommand.SetQueuePairs(to.queuePairs()));
    }
  }

  /** After the queue pairs, as setting those has switched hashing off. */
  private void hashing() {
    switch (to.hashing()) {
      case Hashing.Off off -> {
        if (hashingStops()) {
          add(new ControlCommand.StopHashing(stopWith(), to.queuePairs()));
        }
      }
      case Hashing.Report report -> {
        if (allowed.contains(ControlClass.HASH_REPORT) && !report.equals(now.hashing())) {
          add(new ControlCommand.SetHashReport(report));
        }
      }
      case Hashing.Steering steering -> {
        boolean differs = !steering.equals(now.hashing()) || now.queuePairs() != to.queuePairs();
        if (allowed.contains(ControlClass.STEERING) && differs) {
          add(new ControlCommand.SetSteering(steering, to.queuePairs()));
        }
      }
    }
  }

  private boolean hashingStops() {
    return to.hashing().equals(Hashing.OFF) && !now.hashing().equals(Hashing.OFF);
  }

  private ControlClass stopWith() {
    return allowed.contains(ControlClass.HASH_REPORT)
        ? ControlClass.HASH_REPORT
        : ControlClass.STEERING;
  }

  private void offloads() {
    if (allowed.contains(ControlClass.OFFLOADS) && now.offloads() != to.offloads()) {
      add(new ControlCommand.SetOffloads(to.offloads()));
    }
  }

  private void receiveModes() {
    for (int mode = 0; mode < ReceiveModes.COUNT; mode++) {
      ControlClass needed =
          mode < ReceiveModes.FIRST_EXTRA ? ControlClass.RX : ControlClass.RX_EXTRA;
      boolean on = to.modes().on(mode);
      if (allowed.contains(needed) && now.modes().on(mode) != on) {
        add(new ControlCommand.SetReceiveMode(mode, on));
      }
    }
  }

  private void vlans() {
    if (!allowed.contains(ControlClass.VLAN)) {
      return;
    }
    BitSet different = now.vlans().differences(to.vlans());
    different.stream()
        .forEach(n -> commands.add(new ControlCommand.SetVlan(n, to.vlans().contains(n))));
  }

  private void coalescing() {
    int queues = Math.max(now.limits().queues().size(), to.limits().queues().size());
    boolean each = allowed.contains(ControlClass.QUEUE_COALESCING);
    for (int direction = 0; direction < Math.min(2, queues); direction++) {
      InterruptLimits.Limit limit = to.limits().of(direction);
      boolean differs = !now.limits().equals(now.limits().withAll(direction, limit, queues));
      boolean alike = to.limits().uniform(direction, queues);
      if (allowed.contains(ControlClass.COALESCING) && differs && (alike || !each)) {
        add(new ControlCommand.SetCoalescing(direction, limit, queues));
      }
    }
    for (int i = 0; each && i < queues; i++) {
      InterruptLimits.Limit limit = to.limits().of(i);
      if (!now.limits().of(i).equals(limit)) {
        add(new ControlCommand.SetQueueCoalescing(i, limit, queues));
      }
    }
  }

  private void add(ControlCommand command) {
    commands.add(command);
    now = now.after(command);
  }
}
