package handover.devices.virtio.console;

import handover.devices.virtio.VirtioClassicCodec;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/**
 * The console's own part of QEMU's section, version 3: u16 columns, u16 rows, u32 most ports, a bit
 * for each port in u32 words, u32 number of ports, and for each port u32 number, u8 whether the
 * guest has opened it, u8 whether the far end is there, u32 whether output is half done. Control
 * messages that the driver had no buffer for have no place in it, and are lost as in QEMU.
 */
final class ConsoleClassicCodec extends VirtioClassicCodec<ConsoleState> {
  @Override
  protected void saveDevice(ConsoleState state, WireWriter out) {
    byte[] config = state.config();
    out.u16(config[0] & 0xff | (config[1] & 0xff) << 8);
    out.u16(config[2] & 0xff | (config[3] & 0xff) << 8);
    out.u32(state.mostPorts);
    out.u32((int) state.map());
    out.u32(state.ports());
    for (int i = 0; i < state.ports(); i++) {
      out.u32(state.numbers[i]);
      out.u8(state.guestConnected[i] ? 1 : 0);
      out.u8(1);
      out.u32(0);
    }
  }

  @Override
  protected void loadDevice(ConsoleState state, WireReader in, int version) {
    in.u16();
    in.u16();
    require(in, "at most %d ports (max_ports)", state.mostPorts, in.u32());
    require(in, "ports as here (bits 0x%x)", (int) state.map(), in.u32());
    require(in, "%d ports", state.ports(), in.u32());
    for (int i = 0; i < state.ports(); i++) {
      require(in, "port %d, as ports are in order", state.numbers[i], in.u32());
      state.guestConnected[i] = in.u8() != 0;
      in.u8();
      if (in.u32() != 0) {
        throw in.malformed(
            "no output half done on port " + state.numbers[i],
            "some; let the source's chardev take it before the guest stops");
      }
    }
  }

  private static void require(WireReader in, String words, int ours, int theirs) {
    if (ours != theirs) {
      throw in.malformed(words.formatted(ours), Integer.toUnsignedString(theirs));
    }
  }
}
