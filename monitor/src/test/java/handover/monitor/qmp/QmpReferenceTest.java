package handover.monitor.qmp;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.FakeMachine;
import handover.monitor.qmp.QmpType.ArrayOf;
import handover.monitor.qmp.QmpType.Builtin;
import handover.monitor.qmp.QmpType.Enumeration;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.Struct;
import handover.monitor.qmp.QmpType.Union;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Keeps {@code docs/qmp.md} what the declarations say. After a change, run this test with {@code
 * -Dupdate.reference=true} and commit the file.
 */
final class QmpReferenceTest {
  private static final Path REFERENCE = Path.of("..", "docs", "qmp.md");

  private final StringBuilder text = new StringBuilder();
  private final Map<String, QmpType> types = new LinkedHashMap<>();

  @Test
  void theReferenceIsCurrent() throws IOException {
    write();
    if (Boolean.getBoolean("update.reference")) {
      Files.writeString(REFERENCE, text);
    }
    assertThat(text.toString())
        .as("docs/qmp.md is stale; run this test with -Dupdate.reference=true")
        .isEqualTo(Files.readString(REFERENCE));
  }

  private void write() {
    text.append(
        """
        # QMP reference

        Generated from the declarations in `handover.monitor.qmp`; names, shapes and error classes are
        QEMU's, what begins with `x-` is ours. Optional members are marked `?`.

        ## Commands
        """);
    for (Command command : QmpCommands.of(new FakeMachine(), (t, line) -> line).all()) {
      text.append("\n### `%s`\n%s\n".formatted(command.name(), command.description()));
      if (!command.arguments().equals(QmpType.EMPTY)) {
        members(((Struct) command.arguments()).members());
      }
      if (!command.result().equals(QmpType.EMPTY)) {
        text.append("\nReturns %s.\n".formatted(reference(command.result())));
      }
    }
    text.append("\n## Events\n");
    for (EventType event : EventType.ALL) {
      text.append("\n### `%s`\n%s\n".formatted(event.name(), event.description()));
      if (!event.data().members().isEmpty()) {
        members(event.data().members());
      }
    }
    text.append("\n## Types\n");
    for (int i = 0; i < types.size(); i++) {
      describe(List.copyOf(types.values()).get(i));
    }
  }

  private void members(List<Member> members) {
    text.append('\n');
    for (Member m : members) {
      text.append(
          "- `%s`%s: %s. %s\n"
              .formatted(m.name(), m.optional() ? "?" : "", reference(m.type()), m.description()));
    }
  }

  private String reference(QmpType type) {
    return switch (type) {
      case Builtin builtin -> "`" + builtin.typeName() + "`";
      case ArrayOf array -> "array of " + reference(array.element());
      case Enumeration words -> named(words);
      case Struct struct -> named(struct);
      case Union union -> named(union);
    };
  }

  private String named(QmpType type) {
    types.putIfAbsent(type.typeName(), type);
    return "`" + type.typeName() + "`";
  }

  private void describe(QmpType type) {
    text.append("\n### `%s`\n".formatted(type.typeName()));
    switch (type) {
      case Enumeration words ->
          text.append("One of `%s`.\n".formatted(String.join("`, `", words.values())));
      case Struct struct -> members(struct.members());
      case Union union -> {
        members(union.base());
        text.append("\nand by `%s`: ".formatted(union.tag()));
        union
            .variants()
            .forEach((word, t) -> text.append("`%s`: %s; ".formatted(word, reference(t))));
        text.setLength(text.length() - 2);
        text.append(".\n");
      }
      case Builtin builtin -> throw new AssertionError("never named: " + builtin);
      case ArrayOf array -> throw new AssertionError("never named: " + array);
    }
  }
}
