package handover.devices.vhost;

import handover.memory.UnixSocket;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests to a back end and its replies (vhost-user specification, message structure): a header of
 * three 32-bit words, request, flags and size, then so many bytes; all in the host's byte order.
 *
 * <p>Replies are checked: a back end that answers something else has ended the conversation.
 * Requests that only say "done" are sent one behind the other, and answered later. Used by one
 * thread at a time.
 */
final class VhostChannel {
  /** Longest payload there is: a memory table. */
  static final int MAX_PAYLOAD = 4096;

  static final int HEADER = 12;
  static final int VERSION = 1;
  static final int VERSION_MASK = 3;
  static final int REPLY = 4;
  static final int NEED_REPLY = 8;

  private final VhostLink link;
  private final int millis;
  private final ArrayDeque<VhostRequest> unanswered = new ArrayDeque<>();

  /**
   * A channel that nothing was said on yet.
   *
   * @param millis longest wait for a reply
   */
  VhostChannel(VhostLink link, int millis) {
    this.link = link;
    this.millis = millis;
  }

  /** Room for a payload, in the right byte order. */
  static ByteBuffer payload(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  /** A payload of one number. */
  static ByteBuffer u64(long value) {
    return payload(Long.BYTES).putLong(0, value);
  }

  /** Sends a request that is not answered. */
  void send(VhostRequest request, ByteBuffer payload, int... descriptors) throws IOException {
    send(request, VERSION, payload, descriptors);
  }

  /** Sends a request to be answered with "done"; {@link #settle} looks. */
  void sendForAck(VhostRequest request, ByteBuffer payload, int... descriptors) throws IOException {
    send(request, VERSION | NEED_REPLY, payload, descriptors);
    unanswered.add(request);
  }

  private void send(VhostRequest request, int flags, ByteBuffer payload, int... descriptors)
      throws IOException {
    byte[] message = new byte[HEADER + payload.capacity()];
    ByteBuffer.wrap(message)
        .order(ByteOrder.nativeOrder())
        .putInt(request.number())
        .putInt(flags)
        .putInt(payload.capacity());
    payload.get(0, message, HEADER, payload.capacity());
    link.send(message, descriptors);
  }

  /** Waits until everything sent for an acknowledgement has been done. */
  void settle() throws IOException {
    while (!unanswered.isEmpty()) {
      VhostRequest request = unanswered.remove();
      long result = reply(request, Long.BYTES, Long.BYTES).getLong(0);
      if (result != 0) {
        throw new IOException("the back end refused %s (%d)".formatted(request, result));
      }
    }
  }

  /**
   * The reply to a request.
   *
   * @param least fewest bytes of payload it may have
   * @param most most bytes
   */
  ByteBuffer reply(VhostRequest request, int least, int most) throws IOException {
    try {
      return checkedReply(request, least, most);
    } catch (SocketTimeoutException e) {
      throw new IOException("no reply to %s within %d ms".formatted(request, millis), e);
    }
  }

  private ByteBuffer checkedReply(VhostRequest request, int least, int most) throws IOException {
    ByteBuffer header = read(HEADER, request);
    int number = header.getInt();
    int flags = header.getInt();
    int size = header.getInt();
    if (number != request.number()
        || (flags & VERSION_MASK) != VERSION
        || (flags & REPLY) == 0
        || size < least
        || size > most) {
      throw new ProtocolException(
          "expected a reply to %s (%d) of %d to %d bytes, got message %d, flags 0x%x, %d bytes"
              .formatted(
                  request,
                  request.number(),
                  least,
                  most,
                  number,
                  flags,
                  Integer.toUnsignedLong(size)));
    }
    return read(size, request);
  }

  /** Reads so many bytes. No reply we ask for has descriptors; what comes is closed. */
  private ByteBuffer read(int bytes, VhostRequest request) throws IOException {
    byte[] buffer = new byte[bytes];
    List<Integer> unwanted = new ArrayList<>();
    try {
      for (int done = 0; done < bytes; ) {
        int count = link.receive(buffer, done, bytes - done, unwanted, millis);
        if (count < 0) {
          throw new EOFException("the back end closed the connection at " + request);
        }
        done += count;
      }
      return ByteBuffer.wrap(buffer).order(ByteOrder.nativeOrder());
    } finally {
      unwanted.forEach(UnixSocket::closeDescriptor);
    }
  }

  /** Ends the conversation. Any thread. */
  void shutDown() {
    link.shutDown();
  }
}
