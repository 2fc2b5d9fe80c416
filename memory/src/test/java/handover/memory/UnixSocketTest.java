package handover.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes, descriptors and events between two ends of a socket. */
@Timeout(20)
class UnixSocketTest {
  private Path folder;
  private UnixSocket listener;
  private UnixSocket near;
  private UnixSocket far;

  @BeforeEach
  void connect() throws IOException {
    assumeTrue(Libc.supported(), "needs Linux");
    folder = Files.createTempDirectory("us");
    listener = UnixSocket.listen(folder.resolve("s"));
    near = UnixSocket.connect(folder.resolve("s"));
    far = listener.accept(1000);
  }

  @AfterEach
  void close() throws IOException {
    near.close();
    far.close();
    listener.close();
    Files.deleteIfExists(folder.resolve("s"));
    Files.delete(folder);
  }

  @Test
  void descriptorsComeWithTheBytes() throws IOException {
    try (EventFd first = EventFd.create();
        EventFd second = EventFd.create()) {
      near.send(new byte[] {1, 2, 3}, first.fd(), second.fd());
      byte[] bytes = new byte[10];
      List<Integer> descriptors = new ArrayList<>();
      assertThat(far.receive(bytes, 2, 8, descriptors, 1000)).isEqualTo(3);
      assertThat(bytes).startsWith(0, 0, 1, 2, 3, 0);
      assertThat(descriptors).hasSize(2).doesNotContain(first.fd(), second.fd());
      try (EventFd sameAsSecond = EventFd.of(descriptors.get(1))) {
        sameAsSecond.raise();
        assertThat(first.take()).isFalse();
        assertThat(second.take()).isTrue();
        assertThat(second.take()).as("an event is taken once").isFalse();
      }
      UnixSocket.closeDescriptor(descriptors.get(0));
    }
  }

  @Test
  void moreThanASocketHoldsArrives() throws Exception {
    byte[] much = new byte[3 << 20];
    much[much.length - 1] = 7;
    Thread sender = Thread.ofVirtual().start(() -> send(much));
    byte[] got = new byte[much.length];
    for (int done = 0; done < got.length; ) {
      done += far.receive(got, done, got.length - done, new ArrayList<>(), 5000);
    }
    sender.join();
    assertThat(got[got.length - 1]).isEqualTo((byte) 7);
  }

  private void send(byte[] bytes) {
    try {
      near.send(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void silenceHasAnEnd() {
    assertThatThrownBy(() -> far.receive(new byte[1], 0, 1, new ArrayList<>(), 20))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void anEndIsSeenByBothSidesAndByWhoeverOnlyWatches() throws IOException {
    DescriptorPoll poll = new DescriptorPoll(2);
    int end = poll.end(far.fd());
    try (EventFd event = EventFd.create()) {
      int readable = poll.readable(event.fd());
      event.raise();
      assertThat(poll.await(1000)).isTrue();
      assertThat(poll.hasEnded(end)).isFalse();
      assertThat(poll.isReadable(readable)).isTrue();
      near.shutDown();
      poll.await(1000);
      assertThat(poll.hasEnded(end)).isTrue();
    }
    assertThat(far.receive(new byte[1], 0, 1, new ArrayList<>(), 1000)).isEqualTo(-1);
    assertThatThrownBy(() -> near.send(new byte[1])).isInstanceOf(IOException.class);
  }

  @Test
  void pathsThatCannotBeAreRefusedInWords() {
    assertThatThrownBy(() -> UnixSocket.connect(folder.resolve("none")))
        .hasMessageContaining("No such file");
    assertThatThrownBy(() -> UnixSocket.connect(Path.of("/tmp/" + "x".repeat(200))))
        .hasMessageContaining("107 bytes");
    assertThatThrownBy(() -> UnixSocket.listen(folder.resolve("s")))
        .hasMessageContaining("another process listens");
  }

  @Test
  void aSocketFileNobodyListensOnIsReplaced() throws IOException {
    UnixSocket.listen(folder.resolve("t")).close();
    UnixSocket.listen(folder.resolve("t")).close();
    Files.delete(folder.resolve("t"));
  }
}
