package handover.lab;

import handover.lab.TcpSegment.End;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * One TCP connection to a guest's echo service, kept talking while the guest moves: the proof that
 * a connection survives.
 *
 * <p>Stop and wait: one numbered line is on its way at a time; the next leaves when its echo is
 * complete. What is not acknowledged is sent again after 100 ms. Safe for any thread.
 */
public final class TcpConversation {
  private static final long RETRANSMIT_NANOS = 100_000_000L;

  /** Where a conversation stands. */
  public enum Status {
    CONNECTING,
    TALKING,
    BROKEN
  }

  /**
   * What was said so far.
   *
   * @param status where it stands
   * @param linesEchoed lines that came back whole and in order
   * @param retransmissions segments sent again
   * @param longestRoundTripMicros longest time from a line to its echo, microseconds
   */
  public record Report(
      Status status, long linesEchoed, long retransmissions, long longestRoundTripMicros) {}

  private final End local;
  private final End remote;
  private final Consumer<byte[]> wire;

  private Status status = Status.CONNECTING;
  private int sendNext;
  private int sendUnacknowledged;
  private int receiveNext;
  private byte[] outstanding = new byte[0];
  private byte[] echo = new byte[0];
  private long lineSentAt;
  private long lastSentAt;
  private long linesEchoed;
  private long retransmissions;
  private long longestRoundTrip;

  /**
   * A conversation not yet begun.
   *
   * @param localMac our end, whose IPv4 address the wire answers ARP for
   * @param remoteMac the guest's end, where {@code remotePort} echoes
   * @param wire takes the frames to send
   */
  public TcpConversation(
      byte[] localMac,
      int localAddress,
      int localPort,
      byte[] remoteMac,
      int remoteAddress,
      int remotePort,
      Consumer<byte[]> wire) {
    this.local = new End(localMac.clone(), localAddress, localPort);
    this.remote = new End(remoteMac.clone(), remoteAddress, remotePort);
    this.wire = wire;
  }

  /** Sends the first SYN. */
  public synchronized void connect(long now) {
    sendUnacknowledged = (int) now;
    sendNext = sendUnacknowledged + 1;
    send(TcpSegment.SYN, sendUnacknowledged, new byte[0], now);
  }

  /** Offers a frame from the wire; frames of other conversations are ignored. */
  public synchronized void received(byte[] frame, int offset, int length, long now) {
    TcpSegment.read(frame, offset, length, remote, local).ifPresent(s -> handle(s, now));
  }

  /** To be called every few milliseconds: sends again what stayed unanswered. */
  public synchronized void tick(long now) {
    if (status != Status.BROKEN && now - lastSentAt > RETRANSMIT_NANOS) {
      retransmissions++;
      resend(now);
    }
  }

  /** What was said so far. */
  public synchronized Report report() {
    return new Report(status, linesEchoed, retransmissions, longestRoundTrip / 1_000);
  }

  private void handle(TcpSegment segment, long now) {
    if (segment.has(TcpSegment.RST) || segment.has(TcpSegment.FIN)) {
      status = Status.BROKEN;
      return;
    }
    if (status == Status.CONNECTING) {
      established(segment, now);
      return;
    }
    if (segment.acknowledgment() - sendUnacknowledged > 0
        && segment.acknowledgment() - sendNext <= 0) {
      sendUnacknowledged = segment.acknowledgment();
    }
    if (segment.payload().length > 0) {
      take(segment, now);
    }
  }

  private void established(TcpSegment segment, long now) {
    if (segment.has(TcpSegment.SYN | TcpSegment.ACK) && segment.acknowledgment() == sendNext) {
      receiveNext = segment.sequence() + 1;
      sendUnacknowledged = sendNext;
      status = Status.TALKING;
      nextLine(now);
    }
  }

  /** Takes payload in order; anything else is answered with what is expected. */
  private void take(TcpSegment segment, long now) {
    int already = receiveNext - segment.sequence();
    if (already < 0 || already >= segment.payload().length) {
      acknowledge();
      return;
    }
    byte[] fresh = Arrays.copyOfRange(segment.payload(), already, segment.payload().length);
    receiveNext += fresh.length;
    int before = echo.length;
    echo = Arrays.copyOf(echo, before + fresh.length);
    System.arraycopy(fresh, 0, echo, before, fresh.length);
    judgeEcho(now);
  }

  private void judgeEcho(long now) {
    int length = Math.min(echo.length, outstanding.length);
    if (echo.length > outstanding.length
        || !Arrays.equals(echo, 0, length, outstanding, 0, length)) {
      status = Status.BROKEN;
    } else if (echo.length == outstanding.length) {
      linesEchoed++;
      longestRoundTrip = Math.max(longestRoundTrip, now - lineSentAt);
      sendUnacknowledged = sendNext;
      nextLine(now);
    } else {
      acknowledge();
    }
  }

  private void nextLine(long now) {
    outstanding = ("line " + linesEchoed + "\n").getBytes(StandardCharsets.US_ASCII);
    echo = new byte[0];
    lineSentAt = now;
    sendNext = sendUnacknowledged + outstanding.length;
    send(TcpSegment.ACK | TcpSegment.PSH, sendUnacknowledged, outstanding, now);
  }

  private void resend(long now) {
    if (status == Status.CONNECTING) {
      send(TcpSegment.SYN, sendUnacknowledged, new byte[0], now);
      return;
    }
    int said = outstanding.length - (sendNext - sendUnacknowledged);
    byte[] rest = Arrays.copyOfRange(outstanding, said, outstanding.length);
    int flags = rest.length == 0 ? TcpSegment.ACK : TcpSegment.ACK | TcpSegment.PSH;
    send(flags, sendUnacknowledged, rest, now);
  }

  private void acknowledge() {
    wire.accept(segment(TcpSegment.ACK, sendNext, new byte[0]));
  }

  private void send(int flags, int sequence, byte[] payload, long now) {
    lastSentAt = now;
    wire.accept(segment(flags, sequence, payload));
  }

  private byte[] segment(int flags, int sequence, byte[] payload) {
    int acknowledgment = (flags & TcpSegment.ACK) != 0 ? receiveNext : 0;
    return new TcpSegment(flags, sequence, acknowledgment, payload).frame(local, remote);
  }
}
