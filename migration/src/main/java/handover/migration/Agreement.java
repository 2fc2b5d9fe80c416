package handover.migration;

import handover.vmstate.IterativeMigration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What comes of comparing two offers.
 *
 * @param differences every reason to refuse; empty: accepted
 * @param iterative for each of the source's sections, in order, whether it goes early
 * @param downgrades why a section that could go early does not, in words
 * @param carryFrames whether frames that reach the source after the stop follow the guest
 */
record Agreement(
    List<Difference> differences,
    List<Boolean> iterative,
    List<String> downgrades,
    boolean carryFrames) {
  /** How a section without properties of its own is called in {@link Difference#path}. */
  static final String SECTION = "section ";

  /** The value of what is not there. */
  static final String ABSENT = "absent";

  /** The property that says how a device moves. */
  static final String MODE = "iterative-mig";

  /** How the value of a layout begins. */
  static final String LAYOUT = "iterative layout ";

  private static final String AS_SOURCE = "start the destination with the source's value";

  boolean accepted() {
    return differences.isEmpty();
  }

  /** Every difference, one a line, under a heading. */
  String inWords() {
    return "the two machines differ, nothing was moved and the source's guest runs on"
        + listed(differences);
  }

  /** The lines below a heading. */
  static String listed(List<Difference> differences) {
    return differences.stream()
        .map(Difference::inWords)
        .collect(Collectors.joining("\n  ", ":\n  ", ""));
  }

  /**
   * Compares.
   *
   * @param optional labels of sections and names of RAM blocks that the source may lack
   */
  static Agreement reach(Offer source, Offer destination, Set<String> optional) {
    return new Comparison(source, destination, optional).run();
  }

  /** The comparison under way. */
  private static final class Comparison {
    private final Offer source;
    private final Offer destination;
    private final Set<String> optional;
    private final List<Difference> differences = new ArrayList<>();
    private final List<Boolean> iterative = new ArrayList<>();
    private final List<String> downgrades = new ArrayList<>();
    private final List<String> oneSided = new ArrayList<>();

    Comparison(Offer source, Offer destination, Set<String> optional) {
      this.optional = optional;
      this.source = source;
      this.destination = destination;
    }

    Agreement run() {
      compare("machine", source.machineType(), destination.machineType(), AS_SOURCE);
      compare("machine version", source.machineVersion(), destination.machineVersion(), AS_SOURCE);
      verification();
      blocks();
      sections();
      properties(
          ofSharedSections(source.properties()),
          ofSharedSections(destination.properties()),
          "",
          AS_SOURCE);
      return new Agreement(
          List.copyOf(differences),
          List.copyOf(iterative),
          List.copyOf(downgrades),
          source.enabled(Capability.CARRY_FRAMES) && destination.enabled(Capability.CARRY_FRAMES));
    }

    private void verification() {
      compare(
          "capability " + Capability.X_VERIFY_RAM.wireName(),
          onOff(source.enabled(Capability.X_VERIFY_RAM)),
          onOff(destination.enabled(Capability.X_VERIFY_RAM)),
          "set it alike on both sides (migrate-set-capabilities)");
    }

    private void blocks() {
      Map<String, String> ours = new LinkedHashMap<>();
      Map<String, String> theirs = new LinkedHashMap<>();
      source.blocks().forEach(b -> ours.put(b.name(), b.bytes() + " bytes"));
      destination.blocks().forEach(b -> theirs.put(b.name(), b.bytes() + " bytes"));
      theirs.keySet().removeIf(name -> optional.contains(name) && !ours.containsKey(name));
      properties(ours, theirs, "RAM block ", "give both sides the same memory (-m) and devices");
    }

    private void sections() {
      Map<String, Offer.Section> theirs =
          destination.sections().stream()
              .collect(Collectors.toMap(Offer.Section::label, Function.identity(), (a, b) -> a));
      for (Offer.Section section : source.sections()) {
        Offer.Section other = theirs.remove(section.label());
        if (other == null) {
          iterative.add(false);
          absent(section, "present", ABSENT, "add the device to the destination");
        } else {
          versions(section, other);
          properties(section.life(), other.life(), section.label() + ".", AS_SOURCE);
          iterative.add(mode(section, other));
        }
      }
      theirs.keySet().removeAll(optional);
      theirs.values().forEach(s -> absent(s, ABSENT, "present", "remove it there or add it here"));
    }

    /** That a device is missing says it all; what each of its properties would be does not help. */
    private Map<String, String> ofSharedSections(Map<String, String> properties) {
      Map<String, String> shared = new LinkedHashMap<>(properties);
      shared.keySet().removeIf(key -> oneSided.stream().anyMatch(s -> key.startsWith(s + ".")));
      return shared;
    }

    private void versions(Offer.Section ours, Offer.Section theirs) {
      if (ours.version() > theirs.version() || ours.version() < theirs.minimumVersion()) {
        differ(
            ours,
            "version " + ours.version(),
            "reads versions %d to %d".formatted(theirs.minimumVersion(), theirs.version()),
            "run versions of Handover that have one in common");
      }
    }

    /** FACTS of the field: a forced form that the other side does not have must not be silent. */
    private boolean mode(Offer.Section ours, Offer.Section theirs) {
      IterativeMigration a = effective(ours, source);
      IterativeMigration b = effective(theirs, destination);
      boolean forced = a == IterativeMigration.ON || b == IterativeMigration.ON;
      boolean refused = a == IterativeMigration.OFF || b == IterativeMigration.OFF;
      if (forced && refused) {
        differences.add(
            new Difference(
                ours.label() + "." + MODE,
                described(ours, source),
                described(theirs, destination),
                "give both sides the same value, or auto on both"));
        return false;
      }
      if (refused) {
        if (a != b) {
          downgrades.add(ours.label() + ": classic, because one side has iterative-mig=off");
        }
        return false;
      }
      return sameLayout(ours, theirs, forced);
    }

    private boolean sameLayout(Offer.Section ours, Offer.Section theirs, boolean forced) {
      if (ours.layout().equals(theirs.layout())) {
        return true;
      }
      if (forced) {
        differ(
            ours,
            LAYOUT + ours.layout(),
            LAYOUT + theirs.layout(),
            "run the same version of Handover, or iterative-mig=auto");
      } else {
        downgrades.add(ours.label() + ": classic, because the sides' layouts differ");
      }
      return false;
    }

    private static IterativeMigration effective(Offer.Section section, Offer side) {
      boolean switchedOff =
          section.iterative() == IterativeMigration.AUTO
              && !side.enabled(Capability.VIRTIO_ITERATIVE);
      return switchedOff ? IterativeMigration.OFF : section.iterative();
    }

    private static String described(Offer.Section section, Offer side) {
      String value = section.iterative().wireName();
      return effective(section, side) == section.iterative()
          ? value
          : value + " with capability %s off".formatted(Capability.VIRTIO_ITERATIVE.wireName());
    }

    private void properties(
        Map<String, String> ours, Map<String, String> theirs, String prefix, String remedy) {
      TreeSet<String> keys = new TreeSet<>(ours.keySet());
      keys.addAll(theirs.keySet());
      for (String key : keys) {
        compare(
            prefix + key, ours.getOrDefault(key, ABSENT), theirs.getOrDefault(key, ABSENT), remedy);
      }
    }

    private void compare(String path, String ours, String theirs, String remedy) {
      if (!Objects.equals(ours, theirs)) {
        differences.add(new Difference(path, ours, theirs, remedy));
      }
    }

    private void differ(Offer.Section section, String ours, String theirs, String remedy) {
      differences.add(new Difference(SECTION + section.label(), ours, theirs, remedy));
    }

    private void absent(Offer.Section section, String ours, String theirs, String remedy) {
      oneSided.add(section.label());
      differ(section, ours, theirs, remedy);
    }

    private static String onOff(boolean on) {
      return on ? "on" : "off";
    }
  }
}
