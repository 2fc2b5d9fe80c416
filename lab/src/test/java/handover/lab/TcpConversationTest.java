package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import handover.lab.TcpSegment.End;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TcpConversationTest {
  private static final End US = new End(new byte[] {2, 0, 0, 0, 0, 1}, 0x0a000201, 40_000);
  private static final End GUEST = new End(new byte[] {2, 0, 0, 0, 0, 2}, 0x0a00020f, 7);
  private static final long MILLI = 1_000_000;

  private final Deque<byte[]> wire = new ArrayDeque<>();
  private final TcpConversation conversation =
      new TcpConversation(
          US.mac(), US.address(), US.port(), GUEST.mac(), GUEST.address(), GUEST.port(), wire::add);

  /** An echo service that keeps TCP's rules. */
  private final class Echo {
    private int next;
    private int ours = 77;

    void answer(byte[] frame, long now) {
      TcpSegment in = TcpSegment.read(frame, 0, frame.length, US, GUEST).orElseThrow();
      if (in.has(TcpSegment.SYN)) {
        next = in.sequence() + 1;
        reply(new TcpSegment(TcpSegment.SYN | TcpSegment.ACK, 77, next, new byte[0]), now);
        ours = 78;
      } else if (in.payload().length > 0 && in.sequence() == next) {
        next += in.payload().length;
        reply(new TcpSegment(TcpSegment.ACK, ours, next, in.payload()), now);
        ours += in.payload().length;
      } else if (in.payload().length > 0) {
        int length = in.payload().length;
        reply(new TcpSegment(TcpSegment.ACK, ours - length, next, in.payload()), now);
      }
    }

    private void reply(TcpSegment segment, long now) {
      byte[] frame = segment.frame(GUEST, US);
      conversation.received(frame, 0, frame.length, now);
    }
  }

  @Test
  void linesComeBackInOrder() {
    Echo echo = new Echo();
    conversation.connect(0);
    for (int i = 0; i < 100; i++) {
      echo.answer(wire.remove(), i * MILLI);
    }
    assertThat(conversation.report().linesEchoed()).isEqualTo(99);
    assertThat(conversation.report().status()).isEqualTo(TcpConversation.Status.TALKING);
  }

  @Test
  void lostSegmentsAreSentAgain() {
    Echo echo = new Echo();
    Random loss = new Random(7);
    conversation.connect(0);
    for (long now = 0; now < 20_000 * MILLI; now += 10 * MILLI) {
      while (!wire.isEmpty()) {
        byte[] frame = wire.remove();
        if (loss.nextInt(4) != 0) {
          echo.answer(frame, now);
          break;
        }
      }
      conversation.tick(now);
    }
    assertThat(conversation.report().status()).isEqualTo(TcpConversation.Status.TALKING);
    assertThat(conversation.report().retransmissions()).isPositive();
    assertThat(conversation.report().linesEchoed()).isGreaterThan(100);
  }

  @Test
  void resetBreaksTheConversation() {
    conversation.connect(0);
    byte[] reset = new TcpSegment(TcpSegment.RST, 0, 0, new byte[0]).frame(GUEST, US);
    conversation.received(reset, 0, reset.length, 0);
    assertThat(conversation.report().status()).isEqualTo(TcpConversation.Status.BROKEN);
  }

  @Test
  void damagedSegmentsAreIgnored() {
    conversation.connect(0);
    byte[] reset = new TcpSegment(TcpSegment.RST, 0, 0, new byte[0]).frame(GUEST, US);
    reset[reset.length - 1] ^= 1;
    conversation.received(reset, 0, reset.length, 0);
    assertThat(conversation.report().status()).isEqualTo(TcpConversation.Status.CONNECTING);
  }
}
