package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Harts on threads of their own keep to RVWMO, whatever executes them: no generated litmus test
 * shows its forbidden outcome. {@code -Dlitmus.rounds=100000} looks longer.
 */
class LitmusTest {
  private static final int ROUNDS = Integer.getInteger("litmus.rounds", 300);

  static List<Acceleration> accelerations() {
    return List.of(Acceleration.INTERPRETER, Acceleration.EAGER);
  }

  @ParameterizedTest
  @MethodSource("accelerations")
  void noForbiddenOutcomeIsSeen(Acceleration acceleration) throws InterruptedException {
    List<String> violations = new ArrayList<>();
    violations.addAll(seen(acceleration, 2, ROUNDS * 20, LitmusProgram.coherence()));
    violations.addAll(seen(acceleration, 2, ROUNDS * 4, LitmusCycles.of(2, false)));
    violations.addAll(seen(acceleration, 3, ROUNDS, LitmusCycles.of(3, true)));
    violations.addAll(seen(acceleration, 4, ROUNDS, LitmusCycles.of(4, true)));
    assertThat(violations).isEmpty();
  }

  private static List<String> seen(
      Acceleration acceleration, int harts, int rounds, List<LitmusProgram> programs)
      throws InterruptedException {
    LitmusMachine machine = new LitmusMachine(harts, rounds, acceleration);
    List<String> violations = new ArrayList<>();
    for (LitmusProgram program : programs) {
      int shown = machine.run(program);
      if (shown != 0) {
        violations.add("%s: in %d of %d rounds".formatted(program, shown, rounds));
      }
    }
    return violations;
  }

  /**
   * The harness can see reordering at all: store buffering is allowed without fences, and store
   * buffers cause it. With fences it is not seen in three times as many rounds.
   */
  @ParameterizedTest
  @MethodSource("accelerations")
  @Timeout(180)
  void fencesEndStoreBuffering(Acceleration acceleration) throws InterruptedException {
    LitmusMachine machine = new LitmusMachine(2, 10_000, acceleration);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int runs = 1;
    while (machine.run(LitmusProgram.storeBuffering()) == 0 && System.nanoTime() < deadline) {
      runs++;
    }
    assertThat(System.nanoTime()).as("seen without fences within 60 s").isLessThan(deadline);
    LitmusProgram fenced = program("FENCE FRE, FENCE FRE");
    for (int run = 0; run < 3 * runs; run++) {
      assertThat(machine.run(fenced)).as(fenced.name()).isZero();
    }
  }

  private static LitmusProgram program(String name) {
    return LitmusCycles.of(2, true).stream()
        .filter(program -> program.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theClassicsAreGenerated() {
    assertThat(LitmusCycles.of(2, false))
        .extracting(LitmusProgram::name)
        .contains(
            "FENCE FRE, FENCE FRE", // SB
            "ADDRESS FRE, FENCE RFE", // MP
            "DATA RFE, CONTROL RFE", // LB
            "FENCE COE, RELEASE COE") // 2+2W
        .doesNotHaveDuplicates();
    assertThat(LitmusCycles.of(4, true))
        .extracting(LitmusProgram::name)
        .contains("FENCE FRE, SAME RFE, FENCE FRE, SAME RFE"); // IRIW
  }
}
