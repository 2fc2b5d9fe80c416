package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.BackEndBudget;
import handover.vmstate.IterativeMigration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Our own messages there and back, and broken in between. */
class PrivateMessageTest {
  private static final Offer OFFER =
      new Offer(
          "virt",
          "virt-1.0",
          Map.of("x-verify-ram", true),
          List.of(new Offer.Block("ram", 1L << 40)),
          List.of(
              new Offer.Section(
                  "net", 3, 11, 10, IterativeMigration.AUTO, "0123", Map.of("pairs", "4"))),
          Map.of("smp", "2"));
  private static final Agreement AGREEMENT =
      new Agreement(
          List.of(new Difference("a", "b", "c", "d")), List.of(true, false), List.of("why"), true);
  private static final List<SourceMessage> FORWARD =
      List.of(
          new SourceMessage.OfferMade(OFFER),
          new SourceMessage.RamDigests(List.of(1L, -2L)),
          new SourceMessage.Permission(),
          new SourceMessage.Abandon("no more"));
  private static final List<DestinationMessage> BACKWARD =
      List.of(
          new DestinationMessage.Answer(AGREEMENT),
          new DestinationMessage.Ack(3, 4),
          new DestinationMessage.Ready(),
          new DestinationMessage.Started(
              5,
              List.of(6L, 7L),
              List.of(1L, 2L),
              List.of(
                  Optional.empty(),
                  Optional.of(
                      new BackEndBudget(
                          new BackEndBudget.Lines(1, 2, 3, 4, 5),
                          new BackEndBudget.Lines(6, 7, 8, 9, 10)))),
              99,
              List.of(new MigrationInfo.Span("destination", "load", -20, 5)),
              new MigrationInfo.Jvm("destination", 1, 2, 3)),
          new DestinationMessage.Failed("no"));

  @Example
  void hotCodeComesAsItWent() {
    WireReader in = new WireReader(written(new SourceMessage.Hot(new byte[] {1, 2, 3})));
    in.bytes(5);
    assertThat(SourceMessage.read(in))
        .isInstanceOfSatisfying(
            SourceMessage.Hot.class, m -> assertThat(m.bytes()).containsExactly(1, 2, 3));
  }

  private static byte[] written(SourceMessage message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StreamOutput out =
        new StreamOutput(
            from -> {
              byte[] some = new byte[from.remaining()];
              from.get(some);
              bytes.writeBytes(some);
              return some.length;
            },
            4096);
    assertThat(message.write(out)).isEqualTo((int) out.position());
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] written(DestinationMessage message) {
    WireWriter out = new WireWriter();
    message.write(out);
    return out.toByteArray();
  }

  @Example
  void thereAndBack() {
    for (SourceMessage message : FORWARD) {
      WireReader in = new WireReader(written(message));
      assertThat(in.bytes(5)).asHexString().isEqualToIgnoringCase("0848760005");
      assertThat(SourceMessage.read(in)).isEqualTo(message);
    }
    for (DestinationMessage message : BACKWARD) {
      WireReader in = new WireReader(written(message));
      assertThat(in.bytes(4)).asHexString().isEqualToIgnoringCase("48760005");
      assertThat(DestinationMessage.read(in)).isEqualTo(message);
    }
  }

  @Example
  void onlyARequestIsAnsweredAndOnlyAReplyIsOne() {
    int request = Protocol.request();
    int reply = Protocol.reply(request).orElseThrow();
    assertThat(Protocol.agreedVersion(reply)).hasValue(Protocol.VERSION);
    assertThat(Protocol.agreedVersion(request)).as("an echo").isEmpty();
    assertThat(Protocol.reply(1)).as("QEMU's own PING").isEmpty();
    assertThat(Protocol.reply(request | 0xff)).as("a newer source").hasValue(reply);
  }

  @Property(tries = 500)
  void brokenMessagesAreRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] forward = written(FORWARD.get(random.nextInt(FORWARD.size())));
    byte[] backward = written(BACKWARD.get(random.nextInt(BACKWARD.size())));
    survives(broken(forward, random), 5, SourceMessage::read);
    survives(broken(backward, random), 4, DestinationMessage::read);
  }

  private static byte[] broken(byte[] message, Random random) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      message[5 + random.nextInt(message.length - 5)] = (byte) random.nextInt();
    }
    return message;
  }

  private static void survives(byte[] bytes, int skip, Function<WireReader, Object> read) {
    WireReader in = new WireReader(bytes);
    in.bytes(skip);
    try {
      assertThat(read.apply(in)).isNotNull();
    } catch (StreamException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
