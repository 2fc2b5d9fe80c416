package handover.devices.virtio.net;

import handover.devices.virtio.VirtioClassicCodec;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * The network device's own part of QEMU's section ("virtio-net-device", version 11). The fields
 * behind {@code max_queue_pairs} are there only if there is more than one pair; the offloads only
 * if the driver negotiated to switch them.
 */
final class NetClassicCodec extends VirtioClassicCodec<VirtioNetState> {
  @Override
  protected void saveDevice(VirtioNetState state, WireWriter out) {
    NetControl control = state.control;
    out.bytes(control.mac);
    out.u32(waiting(state, 0));
    out.u32((state.guestFeatures() & NetFeatures.MRG_RXBUF) != 0 ? 1 : 0);
    out.u16(control.status);
    flag(out, control.promiscuous);
    flag(out, control.allMulticast);
    out.u32(control.tableEntries);
    out.bytes(control.table, 0, control.tableEntries * NetControl.MAC_BYTES);
    out.bytes(control.vlans);
    out.u32(0); // Our wires carry no vnet header,
    flag(out, control.multicastOverflow);
    flag(out, control.unicastOverflow);
    flag(out, control.allUnicast);
    flag(out, control.noMulticast);
    flag(out, control.noUnicast);
    flag(out, control.noBroadcast);
    out.u8(0); // and no UFO.
    if (state.maxQueuePairs > 1) {
      out.u16(state.maxQueuePairs);
      out.u16(control.queuePairs);
      for (int i = 1; i < control.queuePairs; i++) {
        out.u32(waiting(state, i));
      }
    }
    if (switchesOffloads(state)) {
      out.u64(control.guestOffloads);
    }
    NetSubsections.save(control, out);
  }

  @Override
  protected void loadDevice(VirtioNetState state, WireReader in, int version) {
    NetControl control = state.control;
    in.bytes(control.mac, 0, NetControl.MAC_BYTES);
    state.transmitWaiting[0] = in.u32() != 0;
    in.u32(); // Mergeable buffers: the negotiated features say it too.
    control.status = in.u16();
    control.promiscuous = in.u8() != 0;
    control.allMulticast = in.u8() != 0;
    state.tableEntries(in.u32() & 0xffff_ffffL);
    in.bytes(control.table, 0, control.tableEntries * NetControl.MAC_BYTES);
    in.bytes(control.vlans, 0, control.vlans.length);
    in.u32(); // A vnet header between the source and its wire concerns nobody here,
    control.multicastOverflow = in.u8() != 0;
    control.unicastOverflow = in.u8() != 0;
    control.allUnicast = in.u8() != 0;
    control.noMulticast = in.u8() != 0;
    control.noUnicast = in.u8() != 0;
    control.noBroadcast = in.u8() != 0;
    in.u8(); // nor does UFO there: a driver that negotiated it was refused with its features.
    if (state.maxQueuePairs > 1) {
      loadPairs(state, in);
    }
    if (switchesOffloads(state)) {
      control.guestOffloads = in.u64();
    }
    NetSubsections.load(state, in);
  }

  private static void loadPairs(VirtioNetState state, WireReader in) {
    int max = in.u16();
    if (max != state.maxQueuePairs) {
      throw in.malformed(
          "%d queue pairs, as queues= says here".formatted(state.maxQueuePairs),
          Integer.toString(max));
    }
    state.queuePairs(in.u16());
    for (int i = 1; i < state.control.queuePairs; i++) {
      state.transmitWaiting[i] = in.u32() != 0;
    }
  }

  /** Asked of the low feature bits, which are known here; QEMU's stream has the others later. */
  private static boolean switchesOffloads(VirtioNetState state) {
    return (state.guestFeatures() & NetFeatures.CTRL_GUEST_OFFLOADS) != 0;
  }

  private static int waiting(VirtioNetState state, int pair) {
    return state.transmitWaiting[pair] ? 1 : 0;
  }

  private static void flag(WireWriter out, boolean value) {
    out.u8(value ? 1 : 0);
  }
}
