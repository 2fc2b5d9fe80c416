package handover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of {@code bench/cpu} build, and compute the same each time they are run. */
class GuestKernelsTest {
  @TempDir private Path folder;

  @Test
  void checksumsRepeat() throws Exception {
    String kernels = folder.resolve("kernels").toString();
    output("guest/build", kernels);
    assertThat(output("qemu-riscv64", kernels)).contains("sieve", "syscalls", "mixed").hasSize(12);

    List<String> lines = output("qemu-riscv64", kernels, "calls", "0", "2");
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).isEqualTo("@ begin calls");
    assertThat(lines.get(1)).matches("@ end calls [0-9a-f]{16}").isEqualTo(lines.get(3));
  }

  private static List<String> output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.lines().toList();
  }
}
