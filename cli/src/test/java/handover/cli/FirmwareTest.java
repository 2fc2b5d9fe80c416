package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.guest.GuestCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FirmwareTest {
  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();

  @Test
  void linuxWithoutFirmwareIsAProblemWithARemedy() throws IOException {
    byte[] image = new byte[4096];
    System.arraycopy(new byte[] {'R', 'S', 'C', 5}, 0, image, 56, 4);
    Path kernel = Files.write(folder.resolve("Image"), image);
    assertThat(choose(kernel)).isEmpty();
    assertThat(problems)
        .containsExactly(
            "-kernel %s is Linux and needs firmware: give -bios FILE, or run 'handover guest fetch'"
                .formatted(kernel));
  }

  @Test
  void anythingElseStartsByItself() throws IOException {
    assertThat(choose(Files.write(folder.resolve("bare"), new byte[4096]))).isEmpty();
    assertThat(choose(Files.write(folder.resolve("tiny"), new byte[3]))).isEmpty();
    assertThat(choose(folder.resolve("missing"))).isEmpty();
    assertThat(problems).isEmpty();
  }

  private Optional<Path> choose(Path kernel) {
    return Firmware.forKernel(kernel, GuestCache.at(folder.resolve("cache")), problems::add);
  }
}
