package handover.guest;

/**
 * Pulse, the bare-metal guest of {@code guests/pulse}: runs in machine mode without firmware,
 * straight from the boot ROM (a0 = hart id, a1 = device tree).
 *
 * <p>Command line ({@code bootargs}), words of {@code key=value}:
 *
 * <ul>
 *   <li>{@code ip=A.B.C.D} its address, default 10.0.2.15
 *   <li>{@code dirty=MiB/s} rate at which memory is rewritten, default 0
 *   <li>{@code dirty-region=MiB} region that is filled at start, then rewritten in order; default
 *       64 if {@code dirty} is set
 *   <li>{@code dirty-words=N} 64-bit words written in each page, 1 to 512, default 512
 *   <li>{@code beat=ms} period of the heartbeat line, 0 for none, default 1000
 *   <li>{@code ctrl=N} control-queue commands per second (promiscuous mode, MAC table, VLANs),
 *       default 0
 *   <li>{@code pairs=N} queue pairs to use, 1 to 511, default 1; the first 8 have large rings
 *   <li>{@code event-idx=0|1} whether event indices are negotiated, default 1
 * </ul>
 *
 * <p>It answers ARP, ICMP echo and UDP echo on port 7. UDP port 9 takes a command and answers one
 * line: {@code stat}, {@code verify} (checks the whole region), {@code spoil} (flips a bit, to see
 * that checks see it), {@code poweroff}, {@code reboot}, or options to change ({@code dirty},
 * {@code beat}, {@code ctrl}, {@code pairs}). Console lines all start with {@code pulse:}: {@code
 * ready}, {@code beat N uptime_ms=… rx=… tx=… dirtied=… sum=… corrupt=…}, {@code announce}, {@code
 * CORRUPT} and {@code TRAP}.
 */
public final class PulseImage {

  /** Guest physical address at which the raw image is loaded and entered. */
  public static final long LOAD_ADDRESS = 0x8000_0000L;

  static final GuestImage IMAGE = new GuestImage("pulse.bin", "pulse.build");

  private PulseImage() {}

  /** A fresh copy of the raw image, at most 64 KiB. */
  public static byte[] bytes() {
    return IMAGE.bytes();
  }
}
