package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RehearsalFolderTest {
  /** No process has a number beyond Linux's largest, 2^22. */
  private static final long DEAD = 4_194_305;

  private static Path left(long process, Duration ago) throws IOException {
    Path folder = Files.createTempDirectory("handover-rehearsal-" + process + "-");
    Files.writeString(folder.resolve("drive.img"), "blank");
    Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(ago)));
    return folder;
  }

  @Test
  void whatADeadProcessLeftGoesWithTheNextOne() throws IOException {
    Path old = left(DEAD, Duration.ofHours(2));
    Path fresh = left(DEAD, Duration.ZERO);
    Path living = left(ProcessHandle.current().pid(), Duration.ofHours(2));
    try {
      Path own;
      try (RehearsalFolder folder = RehearsalFolder.make()) {
        own = folder.path();
        Files.writeString(own.resolve("move"), "");
      }
      assertThat(own).doesNotExist();
      assertThat(old).doesNotExist();
      assertThat(fresh).exists();
      assertThat(living).exists();
    } finally {
      for (Path folder : new Path[] {fresh, living}) {
        Files.deleteIfExists(folder.resolve("drive.img"));
        Files.deleteIfExists(folder);
      }
    }
  }
}
