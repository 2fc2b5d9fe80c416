package handover.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a guest and a device do: nothing is sent while masked, and nothing pending is lost. */
class MsixPropertyTest {
  private static final int VECTORS = 5;
  private static final int ENABLE = 0x8000;
  private static final int MASK_ALL = 0x4000;

  /** What happens next: a kind, and a vector or a bit for it. */
  record Step(int kind, int vector, boolean on) {}

  /** The specification in a few lines. */
  private static final class Model {
    final TreeSet<Integer> pending = new TreeSet<>();
    final List<Integer> sent = new ArrayList<>();
    final boolean[] masked = {true, true, true, true, true};
    boolean enabled;
    boolean allMasked;
    boolean held;

    void signal(int vector) {
      if (enabled && vector < VECTORS) {
        pending.add(vector);
        flush();
      }
    }

    void flush() {
      if (enabled && !allMasked && !held) {
        List<Integer> free = pending.stream().filter(v -> !masked[v]).toList();
        sent.addAll(free);
        free.forEach(pending::remove);
      }
    }
  }

  @Provide
  static Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, VECTORS + 1),
            Arbitraries.of(true, false))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Property(tries = 500)
  void behavesAsSpecified(@ForAll("steps") List<Step> steps) {
    List<Integer> sent = new ArrayList<>();
    Msix msix = new Msix(VECTORS, (address, data) -> sent.add(data), () -> {});
    for (int vector = 0; vector < VECTORS; vector++) {
      msix.store(vector * 16L, 8, 0x1000);
      msix.store(vector * 16L + 8, 4, vector);
    }
    Model model = new Model();
    for (Step step : steps) {
      take(step, msix, model);
      assertThat(sent).isEqualTo(model.sent);
      long bits = model.pending.stream().mapToLong(v -> 1L << v).sum();
      assertThat(msix.load(0x800, 4)).isEqualTo(bits);
    }
  }

  private static void take(Step step, Msix msix, Model model) {
    switch (step.kind()) {
      case 0 -> {
        msix.signal(step.vector());
        model.signal(step.vector());
      }
      case 1 -> {
        int vector = step.vector() % VECTORS;
        msix.store(vector * 16L + 12, 4, step.on() ? 1 : 0);
        model.masked[vector] = step.on();
      }
      case 2 -> model.allMasked = step.on();
      case 3 -> model.enabled = step.on();
      default -> {
        msix.hold(step.on());
        model.held = step.on();
      }
    }
    msix.control((model.enabled ? ENABLE : 0) | (model.allMasked ? MASK_ALL : 0));
    model.flush();
  }
}
