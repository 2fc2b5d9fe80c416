package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DowntimePlanTest {
  private final List<String> problems = new ArrayList<>();

  @Test
  void everyCombinationIsCoveredAndOnAndOffAreNeighbours() {
    DowntimePlan plan = plan("1,8", "user", "on,off", "none,rehearse", 5).orElseThrow();
    assertThat(plan.configurations()).doesNotHaveDuplicates().hasSize(8);
    assertThat(plan.configurations())
        .extracting(Configuration::iterative)
        .containsExactly(true, false, true, false, true, false, true, false);
    for (int i = 0; i < 8; i += 2) {
      assertThat(plan.configurations().get(i).group())
          .isEqualTo(plan.configurations().get(i + 1).group());
    }
    assertThat(problems).isEmpty();
  }

  @Test
  void everyProblemIsSaidAtOnceWithTheKnownNames() {
    assertThat(plan("0,512,x", "usr,vhost-net", "on,maybe", "mlok", 0)).isEmpty();
    assertThat(problems)
        .hasSize(8)
        .contains("--pairs expects numbers from 1 to 511, got '512'")
        .anyMatch(p -> p.startsWith("--backend expects user") && p.contains("'vhost-net'"))
        .anyMatch(p -> p.endsWith("got 'usr'; did you mean 'user'?"))
        .contains("--iterative expects on or off, got 'maybe'")
        .contains(
            "--warm expects none or touch or mlock or classes or rehearse, got 'mlok'; did you mean"
                + " 'mlock'?")
        .contains("--runs expects a number from 1 to 10000, got 0");
  }

  @Test
  void aValueGivenTwiceIsRefused() {
    assertThat(plan("1,1", "user", "on", "none", 1)).isEmpty();
    assertThat(problems).containsExactly("--pairs: '1' is given twice");
  }

  @Test
  void moreThanABackEndCanIsRefused() {
    assertThat(plan("1,511", "vhost-user", "on", "none", 1)).isEmpty();
    assertThat(problems).singleElement().asString().contains("--backend vhost-user");
  }

  private Optional<DowntimePlan> plan(
      String pairs, String backend, String iterative, String warm, int runs) {
    return DowntimePlan.of(
        new DowntimePlan.Typed(pairs, backend, iterative, warm, 2000, runs), problems::add);
  }
}
