package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.Configuration;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Exit statuses of {@code inspect} and {@code check}, which scripts go by. */
final class DiagnosisCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Commands.line();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(out));
    return line.execute(arguments);
  }

  private Path stream(boolean whole) throws Exception {
    WireWriter bytes = new WireWriter();
    Configuration.of("virt").writeHeader(bytes);
    if (whole) {
      bytes.u8(StreamFormat.EOF);
    }
    return Files.write(folder.resolve(whole ? "whole" : "broken"), bytes.toByteArray());
  }

  @Test
  void inspectTellsWholeFromBrokenFromAbsent() throws Exception {
    assertThat(run("inspect", stream(true).toString())).isZero();
    assertThat(out.toString()).contains("machine virt").contains("Complete: 18 bytes");
    assertThat(run("inspect", "--json", stream(false).toString())).isEqualTo(1);
    assertThat(out.toString()).contains("\"complete\": false");
    assertThat(run("inspect", folder.resolve("nowhere").toString())).isEqualTo(2);
  }

  @Test
  void aStreamIsRejectedByAnotherMachine() throws Exception {
    WireWriter bytes = new WireWriter();
    Configuration.of("spike").writeHeader(bytes);
    bytes.u8(StreamFormat.EOF);
    Path other = Files.write(folder.resolve("spike"), bytes.toByteArray());
    assertThat(run("inspect", stream(true).toString(), "--against", other.toString())).isEqualTo(1);
    assertThat(out.toString()).contains("'virt'").contains("'spike'");
  }

  @Test
  void aCheckThatCannotBeMadeIsNeitherYesNorNo() {
    String nowhere = "qmp:unix:" + folder.resolve("nobody");
    assertThat(run("check", "--source", nowhere, "--destination", nowhere)).isEqualTo(2);
    assertThat(out.toString()).contains("cannot reach a QMP server");
  }
}
