package handover.lab;

import handover.devices.net.Netdev;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;

/**
 * A host on the wire with one TCP connection to the guest's echo service. Answers ARP for its own
 * address; frames that are not of its conversation are ignored.
 */
public final class TcpHost implements Netdev.FrameSink, AutoCloseable {
  private static final byte[] MAC = {0x52, 0x55, 0x0a, 0x00, 0x02, 0x03};
  private static final int ADDRESS = 0x0a00_0203;
  private static final int PORT = 41_000;
  private static final int ECHO_PORT = 7;
  private static final long TICK_NANOS = 5_000_000;

  private final Netdev wire;
  private final TcpConversation conversation;
  private final Thread ticker;
  private volatile boolean closed;

  /**
   * Connects to the guest.
   *
   * @param wire a netdev that nobody else is attached to; stays the caller's to close
   * @param guestMac its Ethernet address
   * @param guestAddress its IPv4 address
   */
  public TcpHost(Netdev wire, byte[] guestMac, int guestAddress) {
    this.wire = wire;
    this.conversation =
        new TcpConversation(MAC, ADDRESS, PORT, guestMac, guestAddress, ECHO_PORT, this::transmit);
    wire.attach(this);
    conversation.connect(System.nanoTime());
    this.ticker = Thread.ofVirtual().name("tcp-host").start(this::tick);
  }

  /** What was said so far. */
  public TcpConversation.Report report() {
    return conversation.report();
  }

  @Override
  public boolean deliver(byte[] frame, int offset, int length) {
    ByteBuffer packet = ByteBuffer.wrap(frame, offset, length).slice();
    if (length >= 42 && packet.getShort(12) == Packets.TYPE_ARP) {
      answerArp(packet);
    } else {
      conversation.received(frame, offset, length, System.nanoTime());
    }
    return true;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(ticker);
  }

  private void answerArp(ByteBuffer packet) {
    if (packet.getShort(20) == Packets.ARP_REQUEST && packet.getInt(38) == ADDRESS) {
      byte[] asker = new byte[6];
      packet.get(22, asker);
      transmit(Packets.arp(Packets.ARP_REPLY, MAC, ADDRESS, asker, packet.getInt(28)));
    }
  }

  private void transmit(byte[] frame) {
    wire.send(frame, 0, frame.length);
    wire.flush();
  }

  private void tick() {
    while (!closed) {
      conversation.tick(System.nanoTime());
      LockSupport.parkNanos(TICK_NANOS);
    }
  }
}
