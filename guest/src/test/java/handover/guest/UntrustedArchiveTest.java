package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the host's own apt, and no network. */
class UntrustedArchiveTest {

  @TempDir Path folder;

  private final List<String> progress = new ArrayList<>();

  @BeforeEach
  void hostHasApt() {
    assumeThat(Path.of("/usr/bin/apt-get")).as("apt is only on Debian and its kin").exists();
  }

  @Test
  void anArchiveThatIsNotSignedIsRefused() throws Exception {
    Path index =
        Files.createDirectories(folder.resolve("archive/dists/trixie/main/binary-riscv64"));
    Files.writeString(index.resolve("Packages"), "");
    Files.writeString(
        folder.resolve("archive/dists/trixie/Release"),
        """
        Suite: stable
        Codename: trixie
        Architectures: riscv64
        Components: main
        Date: Sat, 09 Aug 2025 09:00:00 UTC
        SHA256:
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 main/binary-riscv64/Packages
        """);
    refused("archive", "is not signed");
  }

  @Test
  void anArchiveThatIsNotThereIsNamed() {
    refused("absent", folder.resolve("absent").toString());
  }

  private void refused(String archive, String reason) {
    GuestFetch fetch =
        new GuestFetch(
            Path.of("/etc/apt"), Optional.of("file://" + folder.resolve(archive)), progress::add);
    Path target = folder.resolve("cache/guest");
    assertThatThrownBy(() -> fetch.into(target))
        .isInstanceOf(GuestFetchException.class)
        .hasMessageContaining("apt-get")
        .hasMessageContaining(reason);
    assertThat(target.getParent()).isEmptyDirectory();
    assertThat(progress).containsExactly("reading the index of trixie for riscv64");
  }
}
