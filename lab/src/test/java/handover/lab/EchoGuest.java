package handover.lab;

import handover.devices.net.FrameCounts;
import handover.devices.net.Netdev;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/** A wire with a guest at its end that answers ARP and UDP echoes at once. */
final class EchoGuest implements Netdev {
  static final byte[] MAC = {0x52, 0x54, 0, 1, 2, 3};
  static final int ADDRESS = 0x0a00020f;

  /** Everything the probe sent. */
  final List<byte[]> seen = new ArrayList<>();

  /** How often to answer the n-th echo. */
  private final LongUnaryOperator copies;

  private FrameSink probe;
  private long echoes;

  EchoGuest(LongUnaryOperator copies) {
    this.copies = copies;
  }

  @Override
  public void attach(FrameSink sink) {
    probe = sink;
  }

  @Override
  public synchronized boolean send(byte[] bytes, int offset, int length) {
    ByteBuffer frame = ByteBuffer.allocate(length).put(bytes, offset, length).flip();
    seen.add(frame.array());
    if (Packets.u16(frame, 12) == Packets.TYPE_ARP) {
      answerArp(frame);
    } else if (Packets.isFor(frame, MAC) && Packets.wholeIpv4(frame)) {
      answerEcho(frame);
    }
    return true;
  }

  private void answerArp(ByteBuffer frame) {
    if (frame.getInt(Packets.ETHERNET_HEADER + 24) == ADDRESS) {
      byte[] asker = new byte[6];
      frame.get(6, asker);
      int address = frame.getInt(Packets.ETHERNET_HEADER + 14);
      deliver(Packets.arp(Packets.ARP_REPLY, MAC, ADDRESS, asker, address));
    }
  }

  private void answerEcho(ByteBuffer frame) {
    int at = Packets.IPV4_PAYLOAD;
    int bytes = Packets.payload(frame);
    byte[] asker = new byte[6];
    frame.get(6, asker);
    int address = frame.getInt(Packets.ETHERNET_HEADER + 12);
    ByteBuffer answer = ByteBuffer.allocate(at + bytes);
    Packets.ipv4(answer, asker, MAC, Packets.UDP, ADDRESS, address, bytes);
    answer.put(at, frame, at, bytes);
    int from = Packets.u16(frame, at + 2);
    Packets.udp(answer, from, Packets.u16(frame, at), bytes - Packets.UDP_HEADER);
    for (long i = copies.applyAsLong(echoes++); i > 0; i--) {
      deliver(answer.array());
    }
  }

  void deliver(byte[] frame) {
    probe.deliver(frame, 0, frame.length);
  }

  @Override
  public String id() {
    return "guest";
  }

  @Override
  public String kind() {
    return "test";
  }

  @Override
  public FrameCounts counts() {
    return new FrameCounts(0, 0, 0, 0, 0, 0);
  }

  @Override
  public String describe() {
    return "test";
  }

  @Override
  public void close() {}
}
