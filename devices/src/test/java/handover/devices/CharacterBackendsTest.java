package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.CharacterBackends.BackendException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
final class CharacterBackendsTest {
  @TempDir Path folder;

  private static void write(CharacterBackend backend, String text) {
    text.chars().forEach(backend::write);
  }

  private static String read(SocketChannel from, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining() && from.read(buffer) >= 0) {
      assertThat(buffer.position()).isPositive();
    }
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
  }

  @Test
  void aFileReceivesEverythingByTheTimeOfClose() throws Exception {
    Path file = folder.resolve("serial.log");
    try (CharacterBackend backend = CharacterBackends.open("file:" + file)) {
      write(backend, "boot\n");
      assertThat(backend.read()).isEqualTo(-1);
    }
    assertThat(file).hasContent("boot\n");
  }

  @Test
  void aSocketKeepsOutputForItsFirstReaderAndCarriesInput() throws Exception {
    Path path = folder.resolve("s");
    try (CharacterBackend backend =
        CharacterBackends.open("unix:" + path + ",server=on,wait=off")) {
      CountDownLatch input = new CountDownLatch(1);
      backend.onInput(input::countDown);
      write(backend, "early");
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        assertThat(read(client, 5)).isEqualTo("early");
        client.write(ByteBuffer.wrap(new byte[] {'Q'}));
        assertThat(input.await(10, TimeUnit.SECONDS)).as("input announced").isTrue();
        assertThat(backend.read()).isEqualTo('Q');
      }
      try (SocketChannel second = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        second.write(ByteBuffer.wrap(new byte[] {'R'}));
        assertThat(second.isConnected()).isTrue();
      }
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void aSocketNobodyReadsKeepsTheLast64KiB() throws Exception {
    Path path = folder.resolve("s");
    try (CharacterBackend backend = CharacterBackends.open("unix:" + path)) {
      write(backend, "lost" + "x".repeat((64 << 10) - 3) + "end");
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        assertThat(read(client, 64 << 10)).startsWith("xxx").endsWith("end");
      }
    }
  }

  @Test
  void lastWordsReachTheReaderWhole() throws Exception {
    for (int i = 0; i < 100; i++) {
      Path path = folder.resolve("s");
      CharacterBackend backend = CharacterBackends.open("unix:" + path);
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
        write(backend, "1");
        assertThat(read(client, 1)).isEqualTo("1");
        write(backend, "last words");
        backend.close();
        assertThat(read(client, 10)).as("round %d", i).isEqualTo("last words");
      }
    }
  }

  @Test
  void aDeadSocketIsReplacedALiveOneAndAFileAreNot() throws Exception {
    Path path = folder.resolve("s");
    try (CharacterBackend first = CharacterBackends.open("unix:" + path)) {
      assertThatThrownBy(() -> CharacterBackends.open("unix:" + path))
          .isInstanceOf(BackendException.class)
          .hasMessageContaining("another program listens");
      assertThat(first.description()).contains("unix:");
    }
    Path plain = Files.writeString(folder.resolve("plain"), "precious");
    assertThatThrownBy(() -> CharacterBackends.open("unix:" + plain))
        .isInstanceOf(BackendException.class)
        .hasMessageContaining("not a socket");
    assertThat(plain).hasContent("precious");
  }

  @Test
  void specificationsAreCheckedInWords() {
    assertThat(CharacterBackends.complaint("sdtio").orElseThrow()).contains("did you mean 'stdio'");
    assertThat(CharacterBackends.complaint("unix:").orElseThrow()).contains("expects a path");
    assertThat(CharacterBackends.complaint("unix:x,sever=on").orElseThrow())
        .contains("did you mean 'server'");
    assertThat(CharacterBackends.complaint("unix:x,wait=maybe").orElseThrow())
        .contains("expects on or off");
    assertThat(CharacterBackends.complaint("unix:x,server=off").orElseThrow())
        .contains("only listens");
    assertThat(CharacterBackends.complaint("file:").orElseThrow()).contains("expects a path");
    assertThat(CharacterBackends.complaint("unix:x,server,wait=off")).isEmpty();
    assertThat(CharacterBackends.complaint("null")).isEmpty();
  }

  @Test
  void ctrlACommandsAreSortedOut() {
    List<String> heard = new ArrayList<>();
    ConsoleEscapes escapes =
        new ConsoleEscapes() {
          @Override
          public void quit() {
            heard.add("quit");
          }

          @Override
          public void focus(boolean monitor) {
            heard.add(monitor ? "monitor" : "guest");
          }

          @Override
          public void monitorInput(int value) {
            heard.add("m" + (char) value);
          }
        };
    EscapeFilter filter = new EscapeFilter(escapes, v -> heard.add("g" + (char) v), v -> {});
    "a\1cb\1cd\1\1\1x".chars().forEach(filter::typed);
    assertThat(heard).containsExactly("ga", "monitor", "mb", "guest", "gd", "g\1", "quit");
  }
}
