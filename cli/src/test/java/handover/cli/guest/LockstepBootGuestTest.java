package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.lab.VmProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Linux boots to its shell with each translated region executed a second time by the interpreter;
 * the first difference in a register, a trap or an access stops the machine.
 */
@Tag("guest")
class LockstepBootGuestTest {
  private static final Duration BOOT = Duration.ofMinutes(8);

  @TempDir private Path folder;

  @Test
  void everyRegionOfAWholeBootIsCompared() throws Exception {
    LinuxGuest files = GuestCache.standard().fetch(System.out::println);
    List<String> options =
        new ArrayList<>(List.of("-m", "128", "-accel", "translator,lockstep=on"));
    options.addAll(files.options(""));
    try (VmProcess machine = VmProcess.start(folder, "lockstep", options)) {
      assertThat(machine.console().await(Pattern.compile(LinuxGuest.READY), 0, BOOT))
          .as("printed: %s\nsaid: %s", machine.console().since(0), machine.log())
          .isPresent();
      assertThat(machine.qmp().execute("query-status").toString()).contains("running");
    }
  }
}
