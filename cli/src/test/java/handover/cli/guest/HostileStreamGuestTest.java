package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is not a stream is refused in words, and a proper guest is still welcome after it. */
class HostileStreamGuestTest extends GuestTest {
  private static final HexFormat HEX = HexFormat.of();

  /** Magic and version; the configuration of machine "virt"; RAM's section, started. */
  private static final String HEADER = "5145564d00000003";

  private static final String CONFIGURATION = "0700000004" + text("virt");
  private static final String RAM = "010000000203" + text("ram") + "0000000000000004";

  private static final String BLOCK = "14" + text("riscv_virt_board.ram");

  private record Attempt(String hex, String... words) {}

  private static Stream<Attempt> attempts() {
    return Stream.of(
        new Attempt(text("GET / HTTP/1.1\r\n\r\n"), "magic"),
        new Attempt("5145564d00000002", "version"),
        new Attempt(HEADER, "connection ended"),
        new Attempt(HEADER + "07ffffffff", "machine"),
        new Attempt(HEADER + "0700000005" + text("q35.1"), "q35.1", "virt"),
        new Attempt(HEADER + CONFIGURATION + "55", "0x55"),
        new Attempt(
            HEADER + CONFIGURATION + RAM + "7fffffffffff0004" + BLOCK + "7fffffffffff0000",
            "riscv_virt_board.ram",
            "67108864"),
        new Attempt(
            HEADER + CONFIGURATION + "040000000304" + text("evil") + "0000000000000001",
            "evil",
            "unknown"),
        new Attempt(HEADER + CONFIGURATION + RAM + "0000000004000004", "connection ended"));
  }

  /**
   * Nothing is forced: a stream without an offer would be refused for that before its memory is.
   */
  @Override
  Hardware hardware() {
    return Hardware.usual().withNetwork("iterative-mig", "auto");
  }

  @Test
  void refusedInWords() throws IOException, InterruptedException {
    Host destination = guest.destination();
    destination.listen();
    for (Attempt attempt : attempts().toList()) {
      String error = errorAfter(destination, HEX.parseHex(attempt.hex()));
      assertThat(error).as(attempt.hex()).contains(attempt.words());
    }
    assertThat(destination.status()).isEqualTo("inmigrate");
    guest.moveTo(destination);
    guest.runsOn();
  }

  private static String errorAfter(Host destination, byte[] bytes)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), destination.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      socket.shutdownOutput();
      // It closes when it has judged, and has told its monitor why by then.
      socket.getInputStream().skip(Long.MAX_VALUE);
    }
    Json.Obj end = destination.awaitEnd();
    assertThat(end.text("status")).as(end.toString()).contains("failed");
    return end.text("error-desc").orElse("");
  }

  private static String text(String ascii) {
    return HEX.formatHex(ascii.getBytes(StandardCharsets.US_ASCII));
  }
}
