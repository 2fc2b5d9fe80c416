package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InitrdWithFilesTest {
  @TempDir private Path folder;
  private Path initrd;
  private Path tool;

  @BeforeEach
  void files() throws IOException {
    initrd = Files.write(folder.resolve("initrd"), new byte[12]);
    tool = Files.writeString(folder.resolve("tool"), "#!/bin/sh\n");
  }

  @Test
  void filesFollowTheArchive() throws IOException {
    assertThat(tool.toFile().setExecutable(true)).isTrue();
    Path target = folder.resolve("out");
    InitrdWithFiles.write(initrd, Map.of("usr/local/tool", tool, "etc/tool.conf", initrd), target);

    byte[] written = Files.readAllBytes(target);
    Map<String, CpioReader.Entry> tree =
        CpioReader.read(Arrays.copyOfRange(written, 12, written.length));
    assertThat(tree).containsOnlyKeys("etc", "usr", "usr/local", "usr/local/tool", "etc/tool.conf");
    assertThat(tree.get("usr/local/tool"))
        .isEqualTo(new CpioReader.Entry(0100755, 0, 0, "#!/bin/sh\n"));
    assertThat(tree.get("etc/tool.conf").mode()).isEqualTo(0100644);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/bin/tool", "../tool", "bin/../../tool", "bin//tool", "bin/."})
  void placesOutsideTheGuestAreRefused(String place) {
    assertThatThrownBy(
            () -> InitrdWithFiles.write(initrd, Map.of(place, tool), folder.resolve("out")))
        .hasMessageContaining("'" + place + "' is no place in the guest");
  }

  @Test
  void missingFilesAreNamed() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(
            () -> InitrdWithFiles.write(initrd, Map.of("bin/x", missing), folder.resolve("out")))
        .hasMessage(missing + " is not a file that can be read");
  }
}
