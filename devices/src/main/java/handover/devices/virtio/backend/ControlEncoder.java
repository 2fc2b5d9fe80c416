package handover.devices.virtio.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Consumer;

/** Control commands as bytes: class, command, then little-endian data. */
final class ControlEncoder {
  private static final int RX = 0;
  private static final int MAC = 1;
  private static final int VLAN = 2;
  private static final int MQ = 4;
  private static final int GUEST_OFFLOADS = 5;
  private static final int COALESCING = 6;

  private static final int TABLE_SET = 0;
  private static final int ADDRESS_SET = 1;
  private static final int PAIRS_SET = 0;
  private static final int RSS_CONFIG = 1;
  private static final int HASH_CONFIG = 2;

  private ControlEncoder() {}

  static byte[] encode(ControlCommand command) {
    return switch (command) {
      case ControlCommand.SetMac c -> bytes(MAC, ADDRESS_SET, 6, out -> out.put(c.mac().bytes()));
      case ControlCommand.SetMacTable c -> macTable(c.table());
      case ControlCommand.SetQueuePairs c ->
          bytes(MQ, PAIRS_SET, 2, out -> out.putShort((short) c.pairs()));
      case ControlCommand.SetSteering c -> steering(c.steering(), c.pairs());
      case ControlCommand.SetHashReport c -> hashReport(c.report());
      case ControlCommand.StopHashing c ->
          c.with() == ControlClass.STEERING
              ? steering(new Hashing.Steering(0, List.of(0), 0, List.of()), c.pairs())
              : hashReport(new Hashing.Report(0, List.of()));
      case ControlCommand.SetOffloads c ->
          bytes(GUEST_OFFLOADS, 0, 8, out -> out.putLong(c.offloads()));
      case ControlCommand.SetReceiveMode c ->
          bytes(RX, c.mode(), 1, out -> out.put((byte) (c.on() ? 1 : 0)));
      case ControlCommand.SetVlan c ->
          bytes(VLAN, c.in() ? 0 : 1, 2, out -> out.putShort((short) c.number()));
      case ControlCommand.SetCoalescing c ->
          bytes(COALESCING, 1 - c.direction(), 8, out -> limit(out, c.limit()));
      case ControlCommand.SetQueueCoalescing c ->
          bytes(COALESCING, 2, 12, out -> limit(out.putInt(c.queue()), c.limit()));
    };
  }

  private static void limit(ByteBuffer out, InterruptLimits.Limit limit) {
    out.putInt(limit.packets()).putInt(limit.microseconds());
  }

  private static byte[] macTable(MacTable table) {
    List<MacAddress> unicast = table.unicastList();
    List<MacAddress> multicast = table.multicastList();
    int length = 8 + MacAddress.BYTES * (unicast.size() + multicast.size());
    return bytes(
        MAC,
        TABLE_SET,
        length,
        out -> {
          addresses(out, unicast);
          addresses(out, multicast);
        });
  }

  private static void addresses(ByteBuffer out, List<MacAddress> addresses) {
    out.putInt(addresses.size());
    addresses.forEach(a -> out.put(a.bytes()));
  }

  private static byte[] steering(Hashing.Steering s, int pairs) {
    return bytes(
        MQ,
        RSS_CONFIG,
        11 + 2 * s.table().size() + s.key().size(),
        out -> {
          out.putInt(s.types());
          out.putShort((short) (s.table().size() - 1));
          out.putShort((short) s.unclassified());
          s.table().forEach(queue -> out.putShort(queue.shortValue()));
          out.putShort((short) pairs);
          key(out, s.key());
        });
  }

  private static byte[] hashReport(Hashing.Report report) {
    return bytes(
        MQ,
        HASH_CONFIG,
        13 + report.key().size(),
        out -> {
          out.putInt(report.types());
          out.putLong(0);
          key(out, report.key());
        });
  }

  private static void key(ByteBuffer out, List<Integer> key) {
    out.put((byte) key.size());
    key.forEach(b -> out.put(b.byteValue()));
  }

  private static byte[] bytes(int kind, int command, int length, Consumer<ByteBuffer> data) {
    byte[] bytes = new byte[2 + length];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    data.accept(out.put((byte) kind).put((byte) command));
    return bytes;
  }
}
