package handover.migration;

import java.util.OptionalInt;

/**
 * How two Handovers find each other inside QEMU's stream; docs/protocol.md has the whole picture.
 *
 * <p>The source sends a PING with a value no QEMU gives a meaning to. A plain QEMU echoes it. We
 * answer with another value that carries the protocol version both sides will use: the smaller of
 * the two.
 */
final class Protocol {
  /** The version spoken here; a new one for every change to a private message. */
  static final int VERSION = 6;

  /** Our command and return path message number ("Hv"), far from QEMU's. */
  static final int PRIVATE = 0x4876;

  private static final int REQUEST = 0x484f_5600;
  private static final int REPLY = 0x686f_7600;
  private static final int VERSION_MASK = 0xff;

  private Protocol() {}

  /** The PING that asks for an agreement. */
  static int request() {
    return REQUEST | VERSION;
  }

  /** What we answer to a PING, if it is such a request. */
  static OptionalInt reply(int ping) {
    return (ping & ~VERSION_MASK) == REQUEST && (ping & VERSION_MASK) != 0
        ? OptionalInt.of(REPLY | Math.min(ping & VERSION_MASK, VERSION))
        : OptionalInt.empty();
  }

  /** The version in a PONG, if it is a reply and not an echo. */
  static OptionalInt agreedVersion(int pong) {
    return (pong & ~VERSION_MASK) == REPLY
        ? OptionalInt.of(pong & VERSION_MASK)
        : OptionalInt.empty();
  }
}
