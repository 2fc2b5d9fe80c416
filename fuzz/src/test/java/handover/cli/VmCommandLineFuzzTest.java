package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Command lines of {@code handover vm}: problems are collected, nothing is thrown. */
class VmCommandLineFuzzTest {
  private static final long BYTES = 64 << 20;

  static Stream<byte[]> seeds() {
    return Stream.of(
            "-M\nvirt-1.0,a=b\n-m\n1G\n-smp\ncpus=4\n-S\n-uuid\n1-2-3\n-name\nguest=x",
            "-device\nvirtio-net-device,netdev=n0,,x\n-netdev\nstream,id=n0,server=on\n-nope\n-m",
            "-qmp\nunix:/x,server=on,wait=off\n-monitor\nstdio\n-serial\nstdio\n-incoming\ntcp:1:2")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void lines(byte[] input) throws Exception {
    List<String> words = List.of(new String(input, StandardCharsets.UTF_8).split("\n", -1));
    Bounds.hold(
        BYTES,
        () -> {
          VmCommandLine line = VmCommandLine.parse(words);
          assertThat(line.problems()).allMatch(problem -> !problem.isBlank());
        });
  }
}
