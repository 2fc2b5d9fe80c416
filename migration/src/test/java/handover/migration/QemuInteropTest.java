package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real QEMU sends a machine to this engine, and takes it back. */
@Tag("guest")
class QemuInteropTest {
  @TempDir Path folder;
  private QemuMachine machine;
  private MigrationEngine engine;

  @BeforeEach
  void learnTheMachine() throws IOException {
    assumeTrue(Qemu.installed(), "needs qemu-system-riscv64");
    Path file = folder.resolve("stream");
    try (Qemu qemu = new Qemu("-m", "32")) {
      qemu.migrate("exec:cat > " + file, false);
      completes(qemu);
    }
    machine = new QemuMachine(file);
    engine = new MigrationEngine(machine, "ours");
  }

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
    }
  }

  private static void completes(Qemu qemu) {
    String[] last = new String[1];
    Await.until(
        () -> "QEMU's migration to complete, is " + last[0],
        () -> "completed".equals(last[0] = qemu.migrationStatus()));
  }

  private void fetchFromQemu(boolean returnPath) throws IOException {
    InetSocketAddress at = (InetSocketAddress) engine.listen("tcp:127.0.0.1:0");
    try (Qemu qemu = new Qemu("-m", "32")) {
      qemu.migrate("tcp:127.0.0.1:" + at.getPort(), returnPath);
      completes(qemu);
      assertThat(Await.ended(engine).error()).isEmpty();
      assertThat(machine.here).isTrue();
      assertThat(qemu.runState()).isEqualTo("postmigrate");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void fromQemuAndBackToQemu(boolean returnPath) throws IOException {
    fetchFromQemu(returnPath);
    engine.settings().set(Capability.RETURN_PATH, returnPath);
    Path socket = folder.resolve("back");
    try (Qemu qemu = new Qemu("-m", "32", "-incoming", "unix:" + socket)) {
      engine.migrate("unix:" + socket);
      assertThat(Await.ended(engine).error()).isEmpty();
      completes(qemu);
      assertThat(qemu.runState()).isEqualTo("prelaunch");
      assertThat(machine.here).isFalse();
    }
  }

  /** It gives no reason, but the PINGs that it still answered tell where it gave up. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "-m 64, 1, \"list of RAM blocks (memory) (sent: riscv_virt_board.ram=33554432 bytes\"",
        "-m 32, 2, \"section 'riscv_mtimer' (sent: smp=1)\""
      })
  void aQemuThatDiffersLeavesTheGuestHereAndItsPlaceIsNamed(
      String memory, String harts, String place) throws IOException {
    fetchFromQemu(true);
    Path socket = folder.resolve("back");
    String[] size = memory.split(" ", -1);
    try (Qemu qemu = new Qemu(size[0], size[1], "-smp", harts, "-incoming", "unix:" + socket)) {
      assertThat(qemu.migrationStatus()).isNotEqualTo("completed");
      engine.migrate("unix:" + socket);
      MigrationInfo info = Await.ended(engine);
      assertThat(info.status()).isEqualTo(MigrationStatus.FAILED);
      assertThat(info.error().orElseThrow())
          .contains("The destination had read everything before", place);
      assertThat(machine.here).isTrue();
    }
  }

  @Test
  void aQemuWithOtherMemoryIsRefusedHere() throws IOException {
    InetSocketAddress at = (InetSocketAddress) engine.listen("tcp:127.0.0.1:0");
    try (Qemu qemu = new Qemu("-m", "64")) {
      qemu.migrate("tcp:127.0.0.1:" + at.getPort(), true);
      Await.until(() -> "QEMU to fail", () -> qemu.migrationStatus().equals("failed"));
    }
    Await.until(() -> "us to fail", () -> engine.query().status() == MigrationStatus.FAILED);
    assertThat(engine.query().error().orElseThrow())
        .contains("block 'riscv_virt_board.ram' has 67108864 bytes on the source, 33554432 here");
  }
}
