package handover.monitor.dump;

import handover.migration.Offer;
import handover.migration.StateDump;
import handover.vmstate.ChangeClass;
import handover.vmstate.DeclaredField;
import handover.vmstate.DeclaredState;
import handover.vmstate.IterativeMigration;
import java.util.List;

/**
 * A {@link StateDump} for people: sections in stream order, in each the groups and their fields.
 */
public final class DumpText {
  private final StringBuilder text = new StringBuilder();

  private DumpText() {}

  /** The whole dump. */
  public static String of(StateDump dump) {
    DumpText text = new DumpText();
    text.machine(dump.offer());
    for (int i = 0; i < dump.states().size(); i++) {
      text.section(dump.offer().sections().get(i), dump.states().get(i));
    }
    return text.text.toString();
  }

  private void machine(Offer offer) {
    line("machine %s, version %s".formatted(offer.machineType(), offer.machineVersion()));
    offer.blocks().forEach(b -> line("RAM block %s, %d bytes".formatted(b.name(), b.bytes())));
    offer.properties().forEach((path, value) -> line("must agree: %s = %s".formatted(path, value)));
  }

  private void section(Offer.Section section, DeclaredState state) {
    String reads =
        state.minimumVersion() == state.version() ? "" : ", reads from " + state.minimumVersion();
    line(
        "%nsection %s: %s version %d%s, %d bytes%s%s"
            .formatted(
                section.label(),
                state.name(),
                state.version(),
                reads,
                state.bytes(),
                state.opaque().map(o -> ", opaque '" + o + "'").orElse(""),
                section.iterative() == IterativeMigration.OFF
                    ? ""
                    : ", iterative-mig=%s, layout %s"
                        .formatted(section.iterative().wireName(), state.layout())));
    for (DeclaredState.Group group : state.groups()) {
      line("  group %s, %s".formatted(group.name(), group.changes()));
      state.allFields().stream()
          .filter(f -> f.group().equals(group.name()))
          .forEach(f -> field(f, "    ", value(section, group, f)));
    }
    state.subsections().forEach(this::subsection);
  }

  private static String value(
      Offer.Section section, DeclaredState.Group group, DeclaredField field) {
    String value = section.life().get(field.name());
    return group.changes() == ChangeClass.LIFE && value != null ? " = " + value : "";
  }

  private void subsection(DeclaredState.Subsection subsection) {
    List<String> names = subsection.fields().stream().map(DeclaredField::name).toList();
    line(
        "  subsection %s, version %d, when needed: %s"
            .formatted(subsection.name(), subsection.version(), String.join(" ", names)));
  }

  private void field(DeclaredField field, String indent, String value) {
    String many = field.count() == 1 ? "" : " × " + field.count();
    line(
        "%s%s: %s, %d%s%s"
            .formatted(indent, field.name(), field.type(), field.size(), many, value));
    field.struct().ifPresent(s -> s.allFields().forEach(f -> field(f, indent + "  ", "")));
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
