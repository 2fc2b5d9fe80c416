package handover.devices.virtio.net;

import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Optional;

/**
 * The subsections of the network device's own part: QEMU's for RSS, and ours for coalescing, which
 * is there only if a driver asked for what QEMU does not offer.
 */
final class NetSubsections {
  private static final int SUBSECTION = 0x05;
  private static final String PARENT = "virtio-net-device";
  private static final String RSS = PARENT + "/rss";
  private static final String COALESCING = PARENT + "/notf_coal";

  private NetSubsections() {}

  static void save(NetControl control, WireWriter out) {
    if (control.rss.enabled) {
      begin(out, RSS);
      saveRss(control.rss, out);
    }
    if (!control.coalescing.isOff()) {
      begin(out, COALESCING);
      out.u16(control.coalescing.packets.length);
      for (int i = 0; i < control.coalescing.packets.length; i++) {
        out.u32(control.coalescing.packets[i]);
        out.u32(control.coalescing.microseconds[i]);
      }
    }
  }

  private static void begin(WireWriter out, String name) {
    out.u8(SUBSECTION);
    out.counted(name);
    out.u32(1);
  }

  private static void saveRss(RssConfig rss, WireWriter out) {
    out.u8(1);
    out.u8(rss.redirect ? 1 : 0);
    out.u8(rss.report ? 1 : 0);
    out.u32(rss.hashTypes);
    out.u16(rss.tableLength);
    out.u16(rss.defaultPair);
    out.bytes(rss.key);
    for (int i = 0; i < rss.tableLength; i++) {
      out.u16(rss.table[i]);
    }
  }

  static void load(VirtioNetState state, WireReader in) {
    Optional<String> name = in.peekSubsection(PARENT);
    boolean rss = name.filter(RSS::equals).isPresent();
    if (rss) {
      requireVersion(in, RSS);
      loadRss(state, in);
      name = in.peekSubsection(PARENT);
    }
    boolean coalescing = name.filter(COALESCING::equals).isPresent();
    if (coalescing) {
      requireVersion(in, COALESCING);
      loadCoalescing(state.control.coalescing, in);
      name = in.peekSubsection(PARENT);
    }
    name.ifPresent(
        unknown -> {
          throw in.malformed("at most " + RSS + " and " + COALESCING + ", in this order", unknown);
        });
  }

  private static void requireVersion(WireReader in, String name) {
    in.u8();
    in.counted();
    int version = in.u32();
    if (version != 1) {
      throw in.malformed(name + " version 1", Integer.toUnsignedString(version));
    }
  }

  private static void loadRss(VirtioNetState state, WireReader in) {
    RssConfig rss = state.control.rss;
    rss.enabled = in.u8() != 0;
    rss.redirect = in.u8() != 0;
    rss.report = in.u8() != 0;
    rss.hashTypes = in.u32();
    int length = in.u16();
    rss.defaultPair = in.u16();
    in.bytes(rss.key, 0, rss.key.length);
    if (rss.enabled || length != 0) {
      state.tableLength(length);
    }
    for (int i = 0; i < length; i++) {
      rss.table[i] = (short) in.u16();
    }
    if (!rss.enabled) {
      rss.disable();
    }
  }

  private static void loadCoalescing(Coalescing coalescing, WireReader in) {
    int queues = in.u16();
    if (queues != coalescing.packets.length) {
      throw in.malformed(
          coalescing.packets.length + " data queues, as queues= says here",
          Integer.toString(queues));
    }
    for (int i = 0; i < queues; i++) {
      coalescing.packets[i] = in.u32();
      coalescing.microseconds[i] = in.u32();
    }
  }
}
