package handover.devices.virtio;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * QEMU's subsection of a device that offers packed rings: where each of 1024 queues stands, ten
 * bytes each, whether the driver accepted the offer or not.
 */
final class PackedPositions {
  static final String NAME = "virtio/packed_virtqueues";
  private static final int BYTES = 10;

  private PackedPositions() {}

  static void save(VirtioState state, WireWriter out) {
    boolean packed = state.packed();
    for (QueueState queue : state.queues) {
      position(out, packed, queue.lastAvailable);
      position(out, packed, queue.used);
      out.u32(0); // Nothing is in flight while a device is paused.
    }
    for (int i = state.queues.length; i < VirtioClassicCodec.TABLE_QUEUES; i++) {
      position(out, true, PackedPosition.START);
      position(out, true, PackedPosition.START);
      out.u32(0);
    }
  }

  private static void position(WireWriter out, boolean packed, int position) {
    out.u16(packed ? position & PackedPosition.INDEX : position);
    out.u8(packed && (position & PackedPosition.WRAP) == 0 ? 0 : 1);
  }

  static void load(VirtioState state, WireReader in) {
    boolean packed = state.packed();
    for (int i = 0; i < state.queues.length; i++) {
      int lastAvailable = position(in, packed, i);
      int used = position(in, packed, i);
      in.u32(); // What is in flight lies between the two.
      if (packed) {
        state.queues[i].lastAvailable = lastAvailable;
        state.queues[i].used = used;
      }
    }
    in.bytes(BYTES * (VirtioClassicCodec.TABLE_QUEUES - state.queues.length));
  }

  private static int position(WireReader in, boolean packed, int queue) {
    int index = in.u16();
    boolean wrap = in.u8() != 0;
    if (packed && index > PackedPosition.INDEX) {
      throw in.malformed("an index in packed queue " + queue, Integer.toString(index));
    }
    return wrap ? index | PackedPosition.WRAP : index;
  }
}
