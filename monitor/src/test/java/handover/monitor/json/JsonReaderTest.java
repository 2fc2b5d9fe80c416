package handover.monitor.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class JsonReaderTest {
  @Test
  void readsOneValueAfterAnotherWithoutSeparators() throws Exception {
    assertThat(readAll("{\"a\":1}{\"b\":[true,null,-2.50]}\n{'c':'x}\\''}"))
        .containsExactly("{\"a\":1}", "{\"b\":[true,null,-2.50]}", "{\"c\":\"x}'\"}");
  }

  @Test
  void goesOnBehindABrokenValue() throws Exception {
    assertThat(readAll("nonsense {\"a\":1} {\"b\":} {\"c\":2,\"c\":3} {\"d\"\n\"x\n{\"e\":1}"))
        .element(0)
        .asString()
        .startsWith("error: ");
    assertThat(readAll("garbage\n{\"e\":1}")).last().isEqualTo("{\"e\":1}");
    assertThat(readAll("{\"b\":}{\"e\":1}")).last().isEqualTo("{\"e\":1}");
    assertThat(readAll("{\"c\":2,\"c\":3}{\"e\":1}")).last().isEqualTo("{\"e\":1}");
    assertThat(readAll("{\"d\":\"never ended\n{\"e\":1}")).last().isEqualTo("{\"e\":1}");
  }

  @Test
  void aByteThatIsNotUtf8ResetsIt() throws Exception {
    byte[] text = "{{{[[[\"{\"x\":1}".getBytes(StandardCharsets.US_ASCII);
    text[6] = (byte) 0xFF;
    assertThat(readAll(new ByteArrayInputStream(text))).containsExactly("{\"x\":1}");
  }

  @Test
  void refusesDepthAndLengthWithoutKeepingThem() throws Exception {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);
    assertThat(readAll(deep + "{}"))
        .containsExactly("error: JSON parse error, nested deeper than 512", "{}");
    String fits = "[".repeat(512) + "]".repeat(512);
    assertThat(readAll(fits)).containsExactly(fits);
    String longer = "{\"x\":\"" + "y".repeat(JsonText.MAX_LENGTH) + "\"}";
    assertThat(readAll(longer + "{}"))
        .containsExactly("error: JSON parse error, longer than 4194304 bytes", "{}");
  }

  @Test
  void parsesNumbersOfEverySize() throws Exception {
    assertThat(JsonText.parse("9223372036854775807")).isEqualTo(Json.of(Long.MAX_VALUE));
    assertThat(JsonText.parse("18446744073709551615")).isInstanceOf(Json.Real.class);
    assertThatThrownBy(() -> JsonText.parse("1".repeat(100)))
        .isInstanceOf(JsonSyntaxException.class);
    assertThatThrownBy(() -> JsonText.parse("-2e3777777777777777777777"))
        .isInstanceOf(JsonSyntaxException.class);
    assertThatThrownBy(() -> JsonText.parse("1 2")).isInstanceOf(JsonSyntaxException.class);
    assertThatThrownBy(() -> JsonText.parse("")).isInstanceOf(JsonSyntaxException.class);
  }

  @Property(tries = 300)
  void neverBreaksOnGarbageAndStillReadsWhatFollows(@ForAll("garbage") String garbage)
      throws Exception {
    byte[] before = garbage.getBytes(StandardCharsets.ISO_8859_1);
    byte[] after = "\u00ff{\"still\":\"here\"}".getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = Arrays.copyOf(before, before.length + after.length);
    System.arraycopy(after, 0, all, before.length, after.length);
    assertThat(readAll(new ByteArrayInputStream(all))).last().isEqualTo("{\"still\":\"here\"}");
  }

  @Property(tries = 300)
  void whatIsWrittenIsReadBackHoweverItIsCutUp(@ForAll("values") Json value, @ForAll int seed)
      throws Exception {
    InputStream bits = new Dribble((value + "\n").getBytes(StandardCharsets.US_ASCII), seed);
    assertThat(new JsonReader(bits).next()).contains(value);
  }

  @Provide
  Arbitrary<String> garbage() {
    return Arbitraries.strings().withChars("{}[]\"'\\,:\n tx19\u00ff\u0000\u0080").ofMaxLength(200);
  }

  @Provide
  Arbitrary<Json> values() {
    Arbitrary<Json> leaf =
        Arbitraries.oneOf(
            Arbitraries.strings().ofMaxLength(12).map(Json::of),
            Arbitraries.longs().map(Json::of),
            Arbitraries.of(true, false).map(Json::of));
    Arbitrary<Json> list = leaf.list().ofMaxSize(4).map(Json::of);
    return Arbitraries.maps(
            Arbitraries.strings().alpha().ofMaxLength(5), Arbitraries.oneOf(leaf, list))
        .ofMaxSize(5)
        .map(Json.Obj::new);
  }

  private static List<String> readAll(String text) throws IOException {
    return readAll(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> readAll(InputStream in) throws IOException {
    JsonReader reader = new JsonReader(in);
    List<String> all = new ArrayList<>();
    while (true) {
      try {
        Optional<Json> value = reader.next();
        if (value.isEmpty()) {
          return all;
        }
        all.add(value.get().toString());
      } catch (JsonSyntaxException e) {
        all.add("error: " + e.getMessage());
      }
    }
  }

  /** Hands out its bytes in small and uneven pieces. */
  private static final class Dribble extends ByteArrayInputStream {
    private int seed;

    Dribble(byte[] bytes, int seed) {
      super(bytes);
      this.seed = seed;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) {
      seed = seed * 1_103_515_245 + 12_345;
      return super.read(into, offset, Math.min(length, 1 + ((seed >>> 16) & 3)));
    }
  }
}
