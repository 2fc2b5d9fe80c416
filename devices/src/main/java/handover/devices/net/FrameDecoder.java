package handover.devices.net;

import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * Cuts a byte stream into frames: QEMU's framing of stream sockets, a 4-byte big-endian length and
 * then that many bytes. Frames are handed out in place, nothing is allocated per frame.
 */
final class FrameDecoder {
  /** Bytes of the length before each frame. */
  static final int HEADER = 4;

  /** The longest frame accepted: 64 KiB of payload and an Ethernet header. */
  static final int MAX_FRAME = 65550;

  private final ByteBuffer buffer = ByteBuffer.allocate(4 * (HEADER + MAX_FRAME));

  /** Where the next bytes of the stream go; never full after {@link #drain}. */
  ByteBuffer buffer() {
    return buffer;
  }

  /**
   * Delivers every whole frame in the buffer and keeps the rest.
   *
   * @throws ProtocolException if a length cannot be; the stream is then of no more use
   */
  void drain(Netdev.FrameSink sink) throws ProtocolException {
    buffer.flip();
    while (buffer.remaining() >= HEADER) {
      int length = buffer.getInt(buffer.position());
      if (length < 0 || length > MAX_FRAME) {
        throw new ProtocolException(
            "expected a frame length of at most %d, found %d; the peer must speak QEMU's stream framing"
                .formatted(MAX_FRAME, length & 0xffff_ffffL));
      }
      if (buffer.remaining() < HEADER + length) {
        break;
      }
      int start = buffer.position() + HEADER;
      sink.deliver(buffer.array(), start, length);
      buffer.position(start + length);
    }
    buffer.compact();
  }
}
