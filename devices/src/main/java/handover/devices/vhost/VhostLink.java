package handover.devices.vhost;

import handover.memory.UnixSocket;
import java.io.IOException;
import java.util.List;

/** What carries vhost-user messages: bytes with file descriptors beside them. */
interface VhostLink {
  /** Sends all of it, the descriptors with the first byte. */
  void send(byte[] bytes, int... descriptors) throws IOException;

  /** Receives some bytes, or -1 at the end; descriptors are the caller's to close. */
  int receive(byte[] into, int offset, int length, List<Integer> descriptors, int millis)
      throws IOException;

  /** Ends the conversation; whoever waits is woken. Any thread. */
  void shutDown();

  /** Over a socket. */
  static VhostLink of(UnixSocket socket) {
    return new VhostLink() {
      @Override
      public void send(byte[] bytes, int... descriptors) throws IOException {
        socket.send(bytes, descriptors);
      }

      @Override
      public int receive(byte[] into, int offset, int length, List<Integer> descriptors, int millis)
          throws IOException {
        return socket.receive(into, offset, length, descriptors, millis);
      }

      @Override
      public void shutDown() {
        socket.shutDown();
      }
    };
  }
}
