package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A guest cache's manifest, damaged on disk: a defect in words. */
class ManifestFuzzTest {
  private static final long BYTES = 16 << 20;
  private static final Path FOLDER = folder();

  private static Path folder() {
    try {
      return Files.createTempDirectory("handover-fuzz");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Stream<byte[]> seeds() {
    return Stream.of(
            "# x\nabc 3 file\n", "abc -1 manifest", "abc 99999999999999999999 x", "abc 3 \0", "\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void manifests(byte[] input) throws Exception {
    Files.write(FOLDER.resolve(Manifest.NAME), input);
    Bounds.hold(BYTES, ManifestFuzzTest::check);
  }

  private static void check() throws IOException {
    assertThat(Manifest.defect(FOLDER, true).orElse("whole")).isNotBlank();
  }
}
