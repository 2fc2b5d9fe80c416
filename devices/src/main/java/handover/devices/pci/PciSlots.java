package handover.devices.pci;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Gives out places on the bus as QEMU does: a device that names none gets function 0 of the first
 * slot where that is free; the other functions of a slot are for those whose function 0 says so.
 */
public final class PciSlots {
  private record Taken(String by, boolean multifunction) {}

  private final Map<PciAddress, Taken> taken = new HashMap<>();

  /** All places free but the host bridge's. */
  public PciSlots() {
    taken.put(PciAddress.HOST_BRIDGE, new Taken("the host bridge", false));
  }

  /**
   * Takes a place.
   *
   * @param name who for, for messages
   * @param wanted empty for the first free one
   * @param multifunction whether the device shares its slot
   * @param problems hears why there is none
   */
  public Optional<PciAddress> take(
      String name, Optional<PciAddress> wanted, boolean multifunction, Consumer<String> problems) {
    Optional<PciAddress> place = wanted.or(this::firstFree);
    if (place.isEmpty()) {
      problems.accept("%s: all %d slots are taken".formatted(name, PciAddress.SLOTS));
      return place;
    }
    Optional<String> problem = conflict(place.get(), multifunction);
    if (problem.isPresent()) {
      problems.accept("%s: addr=%s %s".formatted(name, place.get(), problem.get()));
      return Optional.empty();
    }
    taken.put(place.get(), new Taken(name, multifunction));
    return place;
  }

  private Optional<PciAddress> firstFree() {
    return IntStream.range(0, PciAddress.SLOTS)
        .mapToObj(slot -> new PciAddress(slot, 0))
        .filter(place -> !taken.containsKey(place))
        .findFirst();
  }

  private Optional<String> conflict(PciAddress place, boolean multifunction) {
    Taken there = taken.get(place);
    if (there != null) {
      return Optional.of("is taken by " + there.by());
    }
    Taken first = taken.get(new PciAddress(place.slot(), 0));
    if (first != null && !first.multifunction()) {
      return Optional.of(
          "shares its slot with %s, which needs multifunction=on for that".formatted(first.by()));
    }
    boolean shared = taken.keySet().stream().anyMatch(other -> other.slot() == place.slot());
    return place.function() == 0 && shared && !multifunction
        ? Optional.of("shares its slot, and needs multifunction=on for that")
        : Optional.empty();
  }
}
