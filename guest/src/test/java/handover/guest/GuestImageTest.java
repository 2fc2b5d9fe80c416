package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packaged guest programs are what their sources build. */
class GuestImageTest {

  private static final String CROSS = "riscv64-linux-gnu-";

  @TempDir Path built;

  static Stream<GuestImage> images() {
    return Stream.of(PulseImage.IMAGE, AgentImage.IMAGE);
  }

  @Test
  void pulseFitsItsBudget() {
    assertThat(PulseImage.bytes()).hasSizeBetween(1, 64 << 10);
  }

  @ParameterizedTest
  @MethodSource("images")
  void imageIsTheOneItsRecordNames(GuestImage image) throws Exception {
    assertThat(sha256(image.bytes())).isEqualTo(image.provenance().getProperty("image"));
  }

  /**
   * With the recorded tools the image is rebuilt and compared byte by byte; with others (or none)
   * their output may differ, so the sources are compared with the recorded digest instead.
   */
  @ParameterizedTest
  @MethodSource("images")
  void imageIsWhatTheSourcesBuild(GuestImage image) throws Exception {
    Properties record = image.provenance();
    Path source = sources(image);
    boolean sameTools =
        version(CROSS + "gcc").equals(record.getProperty("compiler"))
            && version(CROSS + "ld").equals(record.getProperty("linker"));
    if (sameTools) {
      Finished build = run(source, source.resolve("build.sh").toString(), built.toString());
      assertThat(build.status()).as(build.output()).isZero();
      assertThat(Files.readAllBytes(built.resolve(image.name()))).isEqualTo(image.bytes());
    } else {
      System.out.printf(
          "%s: not rebuilt, %s is not installed; comparing the digest of its sources%n",
          image.name(), record.getProperty("compiler"));
    }
    Finished digest = run(source, "/bin/bash", "./build.sh", "--digest");
    assertThat(digest.output().strip())
        .as("run %s/build.sh: the sources changed since %s was built", source, image.name())
        .isEqualTo(record.getProperty("sources"));
  }

  private static Path sources(GuestImage image) {
    String name = image.name().substring(0, image.name().indexOf('.'));
    return Path.of("..", "guests", name).toAbsolutePath().normalize();
  }

  private static String version(String tool) throws Exception {
    try {
      return run(Path.of("."), tool, "--version").output().lines().findFirst().orElse("");
    } catch (IOException absent) {
      return "";
    }
  }

  private record Finished(int status, String output) {}

  private static Finished run(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Finished(process.waitFor(), output);
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
