package handover.devices;

import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.util.function.Function;

/**
 * What of the {@link Uart} moves, in QEMU's layout. Subsections beyond the eleven bytes appear only
 * when bytes wait or an interrupt is pending in a way the registers do not show.
 */
final class UartState {
  /** QEMU's byte queue: the whole ring and where in it the bytes are. */
  static final class Fifo {
    final byte[] bytes = new byte[Uart.FIFO];
    int head;
    int count;

    boolean isEmpty() {
      return count == 0;
    }

    boolean isFull() {
      return count == Uart.FIFO;
    }

    void push(int value) {
      bytes[(head + count++) % Uart.FIFO] = (byte) value;
    }

    int pop() {
      int value = bytes[head] & 0xff;
      head = (head + 1) % Uart.FIFO;
      count--;
      return value;
    }

    void clear() {
      head = 0;
      count = 0;
    }

    void copyTo(Fifo other) {
      System.arraycopy(bytes, 0, other.bytes, 0, bytes.length);
      other.head = head;
      other.count = count;
    }
  }

  int divider;
  int rbr;
  int ier;
  int iir;
  int lcr;
  int mcr;
  int lsr;
  int msr;
  int scr;
  int fcr;
  boolean thrPending;

  /** Whether the stream said what {@link #thrPending} is; otherwise {@link #iir} implies it. */
  boolean thrPendingStated;

  boolean timeoutPending;
  int transmitRetry;
  int thr;
  int tsr;
  final Fifo received = new Fifo();
  final Fifo transmitting = new Fifo();

  /** Read for QEMU's sake: when its character time-out would have come. Ours has always come. */
  long timeoutDeadline;

  int modemPoll = -1;
  long modemPollDeadline;

  private static final StateDeclaration<Fifo> FIFO_LAYOUT =
      StateDeclaration.<Fifo>of("Fifo8", 1)
          .bytes("data", f -> f.bytes)
          .scalar("head", WireType.U32, f -> f.head, (f, v) -> f.head = within("head", v, 15))
          .scalar("num", WireType.U32, f -> f.count, (f, v) -> f.count = within("num", v, 16))
          .build();

  /** QEMU wraps the port's own state, of the same name, once more. */
  static final StateDeclaration<UartState> DECLARATION =
      StateDeclaration.<UartState>of("serial", 3)
          .structs("serial", s -> 1, registers(), (s, i) -> s)
          .build();

  void copyTo(UartState other) {
    other.divider = divider;
    other.rbr = rbr;
    other.ier = ier;
    other.iir = iir;
    other.lcr = lcr;
    other.mcr = mcr;
    other.lsr = lsr;
    other.msr = msr;
    other.scr = scr;
    other.fcr = fcr;
    other.thrPending = thrPending;
    other.thrPendingStated = thrPendingStated;
    other.timeoutPending = timeoutPending;
    other.transmitRetry = transmitRetry;
    other.thr = thr;
    other.tsr = tsr;
    received.copyTo(other.received);
    transmitting.copyTo(other.transmitting);
  }

  /** Whether the "transmitter empty" interrupt's state cannot be told from IER and IIR. */
  boolean thrPendingHidden() {
    return (ier & 2) != 0 && thrPending != ((iir & 0xf) == 2);
  }

  private static StateDeclaration<UartState> registers() {
    StateDeclaration.Builder<UartState> b =
        StateDeclaration.<UartState>of("serial", 3)
            .scalar("divider", WireType.U16, s -> s.divider, (s, v) -> s.divider = (int) v)
            .scalar("rbr", WireType.U8, s -> s.rbr, (s, v) -> s.rbr = (int) v)
            .scalar("ier", WireType.U8, s -> s.ier, (s, v) -> s.ier = (int) v & 0xf)
            .scalar("iir", WireType.U8, s -> s.iir, (s, v) -> s.iir = (int) v)
            .scalar("lcr", WireType.U8, s -> s.lcr, (s, v) -> s.lcr = (int) v)
            .scalar("mcr", WireType.U8, s -> s.mcr, (s, v) -> s.mcr = (int) v & 0x1f)
            .scalar("lsr", WireType.U8, s -> s.lsr, (s, v) -> s.lsr = (int) v)
            .scalar("msr", WireType.U8, s -> s.msr, (s, v) -> s.msr = (int) v)
            .scalar("scr", WireType.U8, s -> s.scr, (s, v) -> s.scr = (int) v)
            .scalar("fcr_vmstate", WireType.U8, s -> s.fcr, (s, v) -> s.fcr = (int) v & 0xc9)
            .subsection("serial/thr_ipending", 1, UartState::thrPendingHidden)
            .scalar(
                "thr_ipending", WireType.I32, s -> bit(s.thrPending), UartState::stateThrPending)
            .subsection("serial/tsr", 1, s -> s.transmitRetry != 0)
            .scalar(
                "tsr_retry",
                WireType.U32,
                s -> s.transmitRetry,
                (s, v) -> s.transmitRetry = (int) Math.min(v, 4))
            .scalar("thr", WireType.U8, s -> s.thr, (s, v) -> s.thr = (int) v)
            .scalar("tsr", WireType.U8, s -> s.tsr, (s, v) -> s.tsr = (int) v);
    fifo(b, "recv_fifo", s -> s.received);
    fifo(b, "xmit_fifo", s -> s.transmitting);
    return b.subsection("serial/fifo_timeout_timer", 1, s -> s.timeoutDeadline != 0)
        .scalar(
            "fifo_timeout_timer",
            WireType.I64,
            s -> s.timeoutDeadline,
            (s, v) -> s.timeoutDeadline = v)
        .subsection("serial/timeout_ipending", 1, s -> s.timeoutPending)
        .scalar(
            "timeout_ipending",
            WireType.I32,
            s -> bit(s.timeoutPending),
            (s, v) -> s.timeoutPending = v != 0)
        .subsection("serial/poll", 1, s -> s.modemPoll >= 0)
        .scalar("poll_msl", WireType.I32, s -> s.modemPoll, (s, v) -> s.modemPoll = (int) v)
        .scalar(
            "modem_status_poll",
            WireType.I64,
            s -> s.modemPollDeadline,
            (s, v) -> s.modemPollDeadline = v)
        .build();
  }

  private static void fifo(
      StateDeclaration.Builder<UartState> b, String name, Function<UartState, Fifo> fifo) {
    b.subsection("serial/" + name, 1, s -> !fifo.apply(s).isEmpty())
        .structs(name, s -> 1, FIFO_LAYOUT, (s, i) -> fifo.apply(s));
  }

  private static int within(String field, long value, int most) {
    if (value > most) {
      throw new StreamException(
          "serial: FIFO %s expected 0 to %d, found %d".formatted(field, most, value));
    }
    return (int) value;
  }

  private static void stateThrPending(UartState s, long value) {
    s.thrPending = value != 0;
    s.thrPendingStated = true;
  }

  private static long bit(boolean value) {
    return value ? 1 : 0;
  }
}
