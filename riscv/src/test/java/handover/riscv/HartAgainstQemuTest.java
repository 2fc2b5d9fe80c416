package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our hart against QEMU's, instruction for instruction, over generated programs.
 *
 * <p>{@code -Doracle.seed=N} chooses other programs, {@code -Doracle.slots=N} longer ones, {@code
 * -Doracle.passes=N} repeats each.
 */
class HartAgainstQemuTest {
  private static final long SEED = Long.getLong("oracle.seed", 1);
  private static final int SLOTS = Integer.getInteger("oracle.slots", 4000);
  private static final int PASSES = Integer.getInteger("oracle.passes", 2);
  private static final int SHOWN = 20;

  @TempDir Path folder;

  private final OracleImage image = new OracleImage();
  private final OracleValues values = new OracleValues(new SplittableRandom(SEED));

  /** How our hart executes the programs. */
  Acceleration acceleration() {
    return Acceleration.INTERPRETER;
  }

  /** How long they are. */
  int slots() {
    return SLOTS;
  }

  @BeforeEach
  void needQemu() {
    // A machine that checks everything must have the oracle; elsewhere the test steps aside.
    assumeTrue(
        System.getenv("CI") != null || QemuOracle.installed(),
        "qemu-system-riscv64 is not installed: apt install qemu-system-misc");
  }

  @Test
  void integers() throws Exception {
    compare(new IntegerSlots(values)::next);
  }

  @Test
  void floatingPoint() throws Exception {
    compare(new FloatSlots(values)::next);
  }

  @Test
  void atomics() throws Exception {
    compare(new AtomicSlots(values)::next);
  }

  @Test
  void compressed() throws Exception {
    compare(new CompressedSlots(values)::next);
  }

  @Test
  void encodings() throws Exception {
    compare(new EncodingSlots(values)::next);
  }

  @Test
  void controlAndStatusRegisters() throws Exception {
    compare(new CsrSlots(values)::next);
  }

  @Test
  void privilege() throws Exception {
    compare(new PrivilegeSlots(values)::next);
  }

  @Test
  void paging() throws Exception {
    compare(new PagingSlots(values, image)::next);
  }

  @Test
  void physicalMemoryProtection() throws Exception {
    compare(new PmpSlots(values)::next);
  }

  private void compare(Supplier<OracleSlot> generator) throws IOException, InterruptedException {
    for (int slot = 0; slot < slots(); slot++) {
      image.add(generator.get());
    }
    image.finish(PASSES);
    byte[] theirs = QemuOracle.run(image, folder);
    List<String> failures = new ArrayList<>();
    byte[] ours = HartUnderTest.run(image, acceleration());
    for (int slot = 0; slot < slots() && failures.size() < SHOWN; slot++) {
      OracleRecord expected = OracleImage.record(theirs, slot);
      List<String> differences = OracleImage.record(ours, slot).differences(expected);
      if (!differences.isEmpty()) {
        failures.add(
            "slot %d: %s%n    %s"
                .formatted(slot, image.slot(slot), String.join("\n    ", differences)));
      }
    }
    assertThat(failures).as("seed %d, slots that differ", SEED).isEmpty();
  }
}
