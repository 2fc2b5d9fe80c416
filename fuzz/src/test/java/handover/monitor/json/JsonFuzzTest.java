package handover.monitor.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** The JSON reader: a value, an error that says why, or the end; what it wrote it reads. */
class JsonFuzzTest {
  private static final long BYTES = 32 << 20;

  static Stream<byte[]> seeds() {
    return Stream.of(
            "{\"execute\":\"qmp_capabilities\"}",
            "{'a':[1,-2.5e3,true,null],\"b\":\"\\u00e9\\n\"} [[[]]]\n17\n",
            "{\"a\":1,\"a\":2}{\"b\":",
            "[-2e3777777777777777777777]{\"id\":1e999999999}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void values(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> readAll(input));
  }

  private static void readAll(byte[] input) throws Exception {
    JsonReader reader = new JsonReader(new ByteArrayInputStream(input));
    boolean more = true;
    for (int values = 0; more; values++) {
      assertThat(values).isLessThanOrEqualTo(input.length);
      try {
        Optional<Json> value = reader.next();
        more = value.isPresent();
        if (more) {
          String text = value.get().toString();
          assertThat(JsonText.parse(text).toString()).isEqualTo(text);
        }
      } catch (JsonSyntaxException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }
}
