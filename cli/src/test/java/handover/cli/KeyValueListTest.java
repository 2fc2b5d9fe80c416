package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

final class KeyValueListTest {
  private final List<String> problems = new ArrayList<>();

  @Test
  void readsQemusSyntax() {
    assertThat(parse("stream,id=n0,server=on,addr.type=unix,addr.path=/tmp/a,,b=c"))
        .containsExactly(
            Map.entry("type", "stream"),
            Map.entry("id", "n0"),
            Map.entry("server", "on"),
            Map.entry("addr.type", "unix"),
            Map.entry("addr.path", "/tmp/a,b=c"));
    assertThat(parse("id=n0,type=none")).containsEntry("type", "none");
    assertThat(parse("disk,readonly")).containsEntry("readonly", "on");
    assertThat(parse("x,empty=")).containsEntry("empty", "");
    assertThat(problems).isEmpty();
  }

  @Test
  void reportsWhatItCannotRead() {
    parse("stream,id=a,id=b");
    parse("stream,id=a,");
    parse("stream,=x");
    assertThat(problems)
        .containsExactly(
            "'id' is given twice",
            "expected KEY=VALUE, got 'on'; a comma in a value is written ',,'",
            "expected KEY=VALUE, got 'x'; a comma in a value is written ',,'");
  }

  @Property
  void anyValueSurvivesWhenItsCommasAreDoubled(
      @ForAll @Size(max = 5) List<@StringLength(max = 10) String> given) {
    Map<String, String> wanted = new LinkedHashMap<>(Map.of("type", "t"));
    StringBuilder text = new StringBuilder("t");
    for (String value : given) {
      String key = "k" + wanted.size();
      wanted.put(key, value);
      text.append(',').append(key).append('=').append(value.replace(",", ",,"));
    }
    assertThat(parse(text.toString())).isEqualTo(wanted);
  }

  private Map<String, String> parse(String text) {
    return KeyValueList.parse(text, "type", problems::add);
  }
}
