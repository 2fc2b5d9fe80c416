package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.vmstate.Configuration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Offers, answers and the other private messages, and the header: the first byte says which. */
class MessageFuzzTest {
  private static final int FRAMING = 4;
  private static final long BYTES = 8 << 20;

  static Stream<byte[]> seeds() {
    Agreement agreement =
        new Agreement(
            List.of(new Difference("a", "1", "2", "do")),
            List.of(true, false),
            List.of("why"),
            true);
    WireWriter header = new WireWriter();
    header.u8(2);
    Configuration.of("virt").writeHeader(header);
    Stream<byte[]> answers =
        Stream.of(
                new DestinationMessage.Answer(agreement),
                new DestinationMessage.Started(
                    17,
                    List.of(1L, 2L),
                    List.of(3L),
                    List.of(),
                    4,
                    List.of(new MigrationInfo.Span("source", "setup", 5, 6)),
                    new MigrationInfo.Jvm("source", 1, 2, 3)),
                new DestinationMessage.Failed("why"))
            .map(MessageFuzzTest::answer);
    try (FakeMachine machine = new FakeMachine(1, 2)) {
      byte[] offer = offer(machine);
      return Stream.concat(answers, Stream.of(header.toByteArray(), offer));
    }
  }

  private static byte[] offer(FakeMachine machine) {
    WireWriter body = new WireWriter();
    Offer.of(machine, new MigrationSettings()).write(body);
    WireWriter out = new WireWriter();
    out.u8(0);
    out.u8(1);
    out.u32(body.length());
    out.bytes(body.toByteArray());
    return out.toByteArray();
  }

  private static byte[] answer(DestinationMessage message) {
    WireWriter out = new WireWriter();
    message.write(out);
    byte[] framed = out.toByteArray();
    byte[] seed = Arrays.copyOfRange(framed, FRAMING - 1, framed.length);
    seed[0] = 1;
    return seed;
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void messages(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    Bounds.hold(
        BYTES + 64L * input.length,
        () -> {
          WireReader in = new WireReader(Arrays.copyOfRange(input, 1, input.length));
          try {
            switch (input[0]) {
              case 0 -> assertThat(SourceMessage.read(in)).isNotNull();
              case 1 -> assertThat(DestinationMessage.read(in)).isNotNull();
              default -> assertThat(Configuration.readHeader(in).machine()).isNotEmpty();
            }
          } catch (StreamException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
  }
}
