package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.guest.PulseImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GuestCommandTest {

  private final StringWriter errors = new StringWriter();
  private final CommandLine command =
      new CommandLine(new GuestCommand()).setErr(new PrintWriter(errors, true));

  @Test
  void writesPulse(@TempDir Path folder) {
    Path file = folder.resolve("pulse.bin");
    assertThat(command.execute("pulse", file.toString())).isZero();
    assertThat(file).hasBinaryContent(PulseImage.bytes());
  }

  @Test
  void saysWhyItCannotWrite(@TempDir Path folder) {
    assertThat(command.execute("pulse", folder.toString())).isEqualTo(1);
    assertThat(errors.toString()).startsWith("handover guest: ").contains(folder.toString());
  }

  @Test
  void asksForASubcommand() {
    assertThat(command.execute()).isEqualTo(2);
    assertThat(errors.toString()).contains("fetch", "path", "pulse");
  }
}
