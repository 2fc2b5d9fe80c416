package handover.monitor.dump;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.migration.DumpComparison;
import handover.migration.StateDump;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A state dump's file, which may be anything: refused in words, or read and compared. */
class DumpReaderFuzzTest {
  private static final long BYTES = 16 << 20;
  private static final String STATE =
      """
      {"name":"timer","version":2,"minimum-version":2,"layout":"00","bytes":8,
       "groups":[{"name":"state","class":"HOT"}],
       "fields":[{"name":"clock","group":"state","type":"int64","size":8,"count":1}],
       "subsections":[],"reads":["00"]}
      """;
  private static final String WHOLE =
      """
      {"format":"handover-vmstate-2","machine":"virt","machine-version":"virt-1.1",
       "capabilities":{"x-verify-ram":false},"ram-blocks":[{"name":"ram","size":4096}],
       "properties":{"smp":"1"},"sections":[{"name":"timer","instance-id":0,
       "iterative-mig":"off","life":{},"state":STATE}],
       "reads":{"ram-blocks":[{"name":"ram","size":4096}],"sections":[{"name":"timer","instance-id":0,"version":2,
       "minimum-version":2,"iterative-mig":"off","layout":"00","life":{}}],"optional":["timer"]}}
      """
          .replace("STATE", STATE);

  static Stream<byte[]> seeds() {
    return Stream.of(
            WHOLE,
            WHOLE.replace("HOT", "COLD"),
            WHOLE.replace("4096", "-1"),
            WHOLE.replace("\"sections\":[", "\"sections\":[7,"),
            WHOLE.replace("8,\"count\"", "8,\"struct\":" + STATE.strip() + ",\"count\""),
            "{}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void dumps(byte[] input) throws Exception {
    StateDump ours = DumpReader.read(WHOLE);
    assertThat(DumpComparison.of(ours, ours)).isEmpty();
    Bounds.hold(BYTES, () -> check(ours, new String(input, StandardCharsets.UTF_8)));
  }

  private static void check(StateDump ours, String text) {
    try {
      StateDump theirs = DumpReader.read(text);
      // One that does not read what it writes differs from itself.
      assertThat(DumpComparison.of(theirs, theirs)).isNotNull();
      assertThat(DumpComparison.of(ours, theirs)).isNotNull();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("not a state dump");
    }
  }
}
