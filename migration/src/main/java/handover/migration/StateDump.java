package handover.migration;

import handover.vmstate.DeclaredState;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a machine's migration consists of, as data: what it offers to the other side, and the state
 * declaration of each of its sections. Nothing of a guest is in it.
 *
 * @param offer machine, RAM blocks, sections, properties
 * @param states one for each of the offer's sections, in order
 * @param readable what it takes in, whichever release wrote it
 * @param optional labels of sections and names of RAM blocks that need not come
 */
public record StateDump(
    Offer offer, List<DeclaredState> states, Offer readable, Set<String> optional) {
  /** Checks. */
  public StateDump {
    if (offer.sections().size() != states.size()) {
      throw new IllegalArgumentException(
          "%d sections with %d declarations".formatted(offer.sections().size(), states.size()));
    }
  }

  static StateDump of(MigratableMachine machine, MigrationSettings settings) {
    List<DeclaredState> states = new ArrayList<>();
    Offer.written(machine).forEach(device -> states.add(state(device, machine.stream())));
    return new StateDump(
        Offer.of(machine, settings),
        List.copyOf(states),
        Offer.readable(machine, settings),
        Offer.optional(machine));
  }

  private static <S> DeclaredState state(Migratable<S> device, QemuRelease release) {
    return DeclaredState.of(device.declaration(), device.blank(), release);
  }
}
