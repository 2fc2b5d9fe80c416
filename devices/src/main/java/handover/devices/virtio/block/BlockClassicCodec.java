package handover.devices.virtio.block;

import handover.devices.virtio.VirtioClassicCodec;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/** The block device's own part of QEMU's section: a list of unfinished requests, always empty. */
final class BlockClassicCodec extends VirtioClassicCodec<BlockState> {
  @Override
  protected void saveDevice(BlockState state, WireWriter out) {
    out.u8(0);
  }

  @Override
  protected void loadDevice(BlockState state, WireReader in, int version) {
    // The cache mode travels only as a byte of configuration space.
    state.writeback = state.config()[BlockConfig.WRITEBACK] != 0;
    if (in.u8() != 0) {
      throw in.malformed(
          "no unfinished requests",
          "some, which the source stopped with an I/O error; clear the error and let them finish");
    }
  }
}
