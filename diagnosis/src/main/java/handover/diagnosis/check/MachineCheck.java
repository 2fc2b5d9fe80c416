package handover.diagnosis.check;

import handover.monitor.client.QmpClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Compares two machines over QMP, of this program or of QEMU, and says whether a guest could move
 * from one to the other. Only asks; changes nothing.
 *
 * @param source the source as it is
 * @param destination the destination as it is
 * @param differences everything that differs, what breaks first, then what is a risk
 */
public record MachineCheck(
    MachineFacts source, MachineFacts destination, List<Difference> differences) {
  private static final List<Outcome> MET =
      List.of(Outcome.REFUSAL, Outcome.HANG, Outcome.FAILURE, Outcome.LOST, Outcome.RISK);

  /**
   * Asks both.
   *
   * @throws IOException if one does not answer
   */
  public static MachineCheck of(QmpClient source, QmpClient destination) throws IOException {
    return of(FactsReader.read(source), FactsReader.read(destination));
  }

  /** Compares what two machines said. */
  static MachineCheck of(MachineFacts source, MachineFacts destination) {
    List<Difference> breaking = new ArrayList<>();
    List<Difference> others = new ArrayList<>();
    for (Rule rule : Rules.ALL) {
      for (Difference found : rule.differences(source, destination)) {
        if (found.outcome().breaks()) {
          breaking.add(found);
        } else if (breaking.stream().noneMatch(b -> b.subject().equals(found.subject()))) {
          others.add(found);
        }
      }
    }
    others.sort(Comparator.comparing(Difference::outcome));
    breaking.addAll(others);
    return new MachineCheck(source, destination, List.copyOf(breaking));
  }

  /** Those that break a migration. */
  public List<Difference> breaking() {
    return differences.stream().filter(d -> d.outcome().breaks()).toList();
  }

  /** Those that break nothing and may harm the guest. */
  public List<Difference> risks() {
    return differences.stream().filter(d -> d.outcome() == Outcome.RISK).toList();
  }

  /** How it would end: by what is met first. */
  public Outcome outcome() {
    List<Outcome> met = differences.stream().map(Difference::outcome).toList();
    for (Outcome outcome : MET) {
      if (met.contains(outcome)) {
        return outcome;
      }
    }
    return Outcome.HARMLESS;
  }
}
