package handover.lab;

import handover.devices.net.Netdev;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Gives the pulse guest orders over its wire: UDP port 9 takes a command and answers one line.
 *
 * <p>A host of its own, 10.0.2.3. Commands are listed with {@link handover.guest.PulseImage}.
 */
public final class PulseControl {
  private static final byte[] MAC = {0x52, 0x55, 0x0a, 0, 2, 3};
  private static final int ADDRESS = 0x0a00_0203;
  private static final int GUEST = 0x0a00_020f;
  private static final int PORT = 40_009;
  private static final int COMMANDS = 9;
  private static final long RETRY_NANOS = 1_000_000;

  private final Netdev wire;
  private final byte[] guestMac;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  /**
   * Over {@code wire}, which stays the caller's to close.
   *
   * @param wire a netdev that nobody else is attached to
   */
  public PulseControl(Netdev wire, byte[] guestMac) {
    this.wire = wire;
    this.guestMac = guestMac.clone();
    wire.attach(this::deliver);
  }

  /** Sends a command, once; returns the answer, if it came in time. */
  public Optional<String> ask(String command, Duration limit) throws InterruptedException {
    answers.clear();
    byte[] text = command.getBytes(StandardCharsets.US_ASCII);
    int bytes = Packets.UDP_HEADER + text.length;
    ByteBuffer frame = ByteBuffer.allocate(Packets.IPV4_PAYLOAD + bytes);
    Packets.ipv4(frame, guestMac, MAC, Packets.UDP, ADDRESS, GUEST, bytes);
    frame.put(Packets.IPV4_PAYLOAD + Packets.UDP_HEADER, text);
    Packets.udp(frame, PORT, COMMANDS, text.length);
    long deadline = System.nanoTime() + limit.toNanos();
    // Only what the wire did not take is sent again: a command given twice may do harm.
    while (!wire.send(frame.array(), 0, frame.limit())) {
      if (System.nanoTime() > deadline) {
        return Optional.empty();
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
    wire.flush();
    long left = deadline - System.nanoTime();
    return Optional.ofNullable(answers.poll(left, TimeUnit.NANOSECONDS));
  }

  private boolean deliver(byte[] bytes, int offset, int length) {
    ByteBuffer frame = ByteBuffer.wrap(bytes, offset, length).slice();
    boolean ours =
        length >= Packets.IPV4_PAYLOAD + Packets.UDP_HEADER
            && Packets.isFor(frame, MAC)
            && Packets.wholeIpv4(frame)
            && frame.get(Packets.ETHERNET_HEADER + 9) == Packets.UDP
            && Packets.payload(frame) >= Packets.UDP_HEADER
            && Packets.u16(frame, Packets.IPV4_PAYLOAD) == COMMANDS
            && Packets.u16(frame, Packets.IPV4_PAYLOAD + 2) == PORT;
    if (ours) {
      byte[] text = new byte[Packets.payload(frame) - Packets.UDP_HEADER];
      frame.get(Packets.IPV4_PAYLOAD + Packets.UDP_HEADER, text);
      answers.add(new String(text, StandardCharsets.US_ASCII));
    }
    return ours;
  }
}
