package handover.devices.virtio.net;

import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.VirtioFault;

/**
 * Carries out what the driver asks on the control queue (virtio 1.2, 5.1.6.5).
 *
 * <p>A command is checked whole before anything changes. One that is unknown, not negotiated or
 * malformed is answered with an error and changes nothing.
 */
final class ControlCommands {
  private static final byte OK = 0;
  private static final byte ERROR = 1;

  private static final int RX = 0;
  private static final int MAC = 1;
  private static final int VLAN = 2;
  private static final int ANNOUNCE = 3;
  private static final int MQ = 4;
  private static final int GUEST_OFFLOADS = 5;
  private static final int COALESCING = 6;

  private static final int HEADER = 2;
  private static final int COUNT = 4;

  private final NetControl control;
  private final int maxQueuePairs;
  private final byte[] data = new byte[NetControl.MAC_TABLE_ENTRIES * NetControl.MAC_BYTES];
  private final byte[] answer = new byte[1];
  private final byte[] result = new byte[8];
  private final RssCommands rss;

  private DescriptorChain chain;
  private int bytes;
  private int written;

  ControlCommands(NetControl control, int maxQueuePairs) {
    this.control = control;
    this.maxQueuePairs = maxQueuePairs;
    this.rss = new RssCommands(control, maxQueuePairs);
  }

  /**
   * Carries out one command and writes its answer.
   *
   * @param features what the driver negotiated
   * @return whether it succeeded
   * @throws VirtioFault if there is no room for the answer
   */
  boolean handle(DescriptorChain command, long features) {
    if (command.writable() < 1) {
      throw new VirtioFault("a control command without room for its answer");
    }
    chain = command;
    bytes = command.readable() - HEADER;
    written = 1;
    boolean ok = bytes >= 0 && run(features);
    answer[0] = ok ? OK : ERROR;
    command.write(0, answer, 0, 1);
    return ok;
  }

  /** Bytes of the last answer. */
  int written() {
    return written;
  }

  private boolean run(long features) {
    chain.read(0, data, 0, HEADER);
    int kind = data[0];
    int command = data[1];
    return switch (kind) {
      case RX -> rxMode(command, features);
      case MAC -> mac(command, features);
      case VLAN -> (features & NetFeatures.CTRL_VLAN) != 0 && vlan(command);
      case ANNOUNCE -> (features & NetFeatures.GUEST_ANNOUNCE) != 0 && command == 0 && announced();
      case MQ -> multiqueue(command, features);
      case COALESCING -> coalescing(command, features);
      case GUEST_OFFLOADS ->
          (features & NetFeatures.CTRL_GUEST_OFFLOADS) != 0 && command == 0 && offloads(features);
      default -> false;
    };
  }

  private boolean rxMode(int mode, long features) {
    long needed = mode <= 1 ? NetFeatures.CTRL_RX : NetFeatures.CTRL_RX_EXTRA;
    if ((features & needed) == 0 || !read(1) || data[0] < 0 || data[0] > 1) {
      return false;
    }
    boolean on = data[0] == 1;
    switch (mode) {
      case 0 -> control.promiscuous = on;
      case 1 -> control.allMulticast = on;
      case 2 -> control.allUnicast = on;
      case 3 -> control.noMulticast = on;
      case 4 -> control.noUnicast = on;
      case 5 -> control.noBroadcast = on;
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean mac(int command, long features) {
    return switch (command) {
      case 0 -> (features & NetFeatures.CTRL_RX) != 0 && macTable();
      case 1 -> (features & NetFeatures.CTRL_MAC_ADDR) != 0 && macAddress();
      default -> false;
    };
  }

  private boolean macAddress() {
    if (!read(NetControl.MAC_BYTES)) {
      return false;
    }
    System.arraycopy(data, 0, control.mac, 0, NetControl.MAC_BYTES);
    return true;
  }

  /** Two lists, unicast then multicast; one that does not fit any more becomes "all of them". */
  private boolean macTable() {
    long unicast = count(0);
    long multicastAt = COUNT + unicast * NetControl.MAC_BYTES;
    long multicast = count(multicastAt);
    if (unicast < 0
        || multicast < 0
        || multicastAt + COUNT + multicast * NetControl.MAC_BYTES != bytes) {
      return false;
    }
    control.tableEntries = 0;
    control.unicastOverflow = !append(COUNT, unicast);
    control.multicastOverflow = !append(multicastAt + COUNT, multicast);
    return true;
  }

  private boolean append(long from, long entries) {
    if (control.tableEntries + entries > NetControl.MAC_TABLE_ENTRIES) {
      return false;
    }
    chain.read(
        HEADER + (int) from,
        control.table,
        control.tableEntries * NetControl.MAC_BYTES,
        (int) entries * NetControl.MAC_BYTES);
    control.tableEntries += (int) entries;
    return true;
  }

  /** The little-endian count at {@code from}, or -1 if the command ends before it. */
  private long count(long from) {
    if (from + COUNT > bytes) {
      return -1;
    }
    chain.read(HEADER + (int) from, data, 0, COUNT);
    return NetHeader.u16(data, 0) | (long) NetHeader.u16(data, 2) << 16;
  }

  private boolean vlan(int command) {
    if (command < 0 || command > 1 || !read(2) || NetHeader.u16(data, 0) >= NetControl.VLANS) {
      return false;
    }
    control.vlan(NetHeader.u16(data, 0), command == 0);
    return true;
  }

  private boolean announced() {
    boolean asked = (control.status & NetControl.ANNOUNCE) != 0;
    control.status &= ~NetControl.ANNOUNCE;
    return asked;
  }

  private boolean queuePairs() {
    if (!read(2)) {
      return false;
    }
    int pairs = NetHeader.u16(data, 0);
    if (pairs < 1 || pairs > maxQueuePairs) {
      return false;
    }
    control.queuePairs = pairs;
    control.rss.disable();
    return true;
  }

  private boolean multiqueue(int command, long features) {
    boolean report = (features & NetFeatures.HASH_REPORT) != 0;
    boolean steer = (features & NetFeatures.RSS) != 0;
    return switch (command) {
      case 0 -> (features & NetFeatures.MQ) != 0 && queuePairs();
      case 1 -> steer && rss.handle(chain, bytes, true, report);
      case 2 -> report && rss.handle(chain, bytes, false, true);
      default -> false;
    };
  }

  private boolean coalescing(int command, long features) {
    long needed = command <= 1 ? NetFeatures.NOTF_COAL : NetFeatures.VQ_NOTF_COAL;
    if ((features & needed) == 0) {
      return false;
    }
    Coalescing now = control.coalescing;
    return switch (command) {
      case 0, 1 -> {
        boolean fits = read(8);
        if (fits) {
          now.setAll(1 - command, u32(0), u32(4));
        }
        yield fits;
      }
      case 2 -> read(12) && coalesceOne(now, NetHeader.u16(data, 0));
      case 3 -> read(4) && answerCoalescing(now, NetHeader.u16(data, 0));
      default -> false;
    };
  }

  private boolean coalesceOne(Coalescing now, int queue) {
    if (queue >= now.packets.length) {
      return false;
    }
    now.packets[queue] = u32(4);
    now.microseconds[queue] = u32(8);
    return true;
  }

  private boolean answerCoalescing(Coalescing now, int queue) {
    if (queue >= now.packets.length || chain.writable() < 1 + result.length) {
      return false;
    }
    for (int i = 0; i < 4; i++) {
      result[i] = (byte) (now.packets[queue] >>> 8 * i);
      result[4 + i] = (byte) (now.microseconds[queue] >>> 8 * i);
    }
    chain.write(1, result, 0, result.length);
    written += result.length;
    return true;
  }

  private int u32(int offset) {
    return NetHeader.u16(data, offset) | NetHeader.u16(data, offset + 2) << 16;
  }

  private boolean offloads(long features) {
    if (!read(8)) {
      return false;
    }
    long wanted = 0;
    for (int i = 7; i >= 0; i--) {
      wanted = wanted << 8 | data[i] & 0xff;
    }
    if ((wanted & ~(features & NetFeatures.GUEST_OFFLOADS)) != 0) {
      return false;
    }
    control.guestOffloads = wanted;
    return true;
  }

  /** Reads the data of a command that has exactly {@code expected} bytes of it. */
  private boolean read(int expected) {
    if (bytes != expected) {
      return false;
    }
    chain.read(HEADER, data, 0, expected);
    return true;
  }
}
