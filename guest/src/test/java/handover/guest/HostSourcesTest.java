package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSourcesTest {

  @TempDir Path etc;

  @BeforeEach
  void parts() throws IOException {
    Files.createDirectory(etc.resolve("sources.list.d"));
  }

  @Test
  void readsOneLineFormat() throws IOException {
    Files.writeString(
        etc.resolve("sources.list"),
        """
        # deb http://commented.invalid/debian bookworm main
        deb cdrom:[Debian]/ bookworm main
        deb-src http://source.invalid/debian bookworm main
        deb [arch=amd64 signed-by=/k/a.gpg] http://a.invalid/debian bookworm main contrib # ours
        deb http://a.invalid/debian-security bookworm-security main
        deb   http://b.invalid/debian/   stable   contrib main
        """);
    assertThat(HostSources.debian(etc))
        .containsExactly(
            new ArchiveSource("http://a.invalid/debian", "/k/a.gpg"),
            new ArchiveSource("http://b.invalid/debian/", ""));
  }

  @Test
  void readsStanzasAndSkipsDisabledAndForeignOnes() throws IOException {
    part(
        "debian.sources",
        """
        # a comment
        Types: deb deb-src
        URIs: http://a.invalid/debian http://b.invalid/debian
        Suites: bookworm bookworm-updates
        Components: main
        Signed-By: /k/a.gpg

        Types: deb
        URIs: http://off.invalid/debian
        Suites: bookworm
        Components: main
        Enabled: no

        Types: deb
        URIs: http://sec.invalid/debian
        Suites: bookworm-security
        Components: main
        """);
    part(
        "other.sources",
        "Types: deb\nURIs: http://x.invalid\nSuites: nodistro\nComponents: main\n");
    part(
        "off.sources.disabled",
        "Types: deb\nURIs: http://y.invalid\nSuites: sid\nComponents: main\n");
    assertThat(HostSources.debian(etc))
        .containsExactly(
            new ArchiveSource("http://a.invalid/debian", "/k/a.gpg"),
            new ArchiveSource("http://b.invalid/debian", "/k/a.gpg"));
  }

  @Test
  void keepsAnEmbeddedKeyWhole() throws IOException {
    part(
        "debian.sources",
        """
        Types: deb
        URIs: http://a.invalid/debian
        Suites: trixie
        Components: main
        Signed-By:
         -----BEGIN
         .
         abc
         -----END
        """);
    assertThat(HostSources.debian(etc))
        .singleElement()
        .extracting(ArchiveSource::signedBy)
        .isEqualTo("\n -----BEGIN\n .\n abc\n -----END");
  }

  @Test
  void findsNothingWhereThereIsNothing() throws IOException {
    assertThat(HostSources.debian(etc.resolve("absent"))).isEmpty();
  }

  private void part(String name, String text) throws IOException {
    Files.writeString(etc.resolve("sources.list.d").resolve(name), text);
  }
}
