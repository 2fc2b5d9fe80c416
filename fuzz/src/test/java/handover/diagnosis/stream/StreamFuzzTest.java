package handover.diagnosis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.OfferedLife;
import handover.devices.virtio.net.VirtioNetState;
import handover.migration.Offer;
import handover.vmstate.Configuration;
import handover.vmstate.GroupForm;
import handover.vmstate.IterativeMigration;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole streams into the walker and its decoders: a report, never anything else. */
class StreamFuzzTest {
  private static final String JSON =
      """
      {"page_size": 4096, "devices": [
       {"name": "serial", "instance_id": 0, "vmsd_name": "serial", "version": 3, "fields": [
        {"name": "divider", "type": "uint16", "size": 2},
        {"name": "state", "type": "struct", "size": 4, "array_len": 2, "struct":
         {"vmsd_name": "s", "version": 1, "fields": [{"name": "x", "type": "int32", "size": 4}]}}],
        "subsections": [{"vmsd_name": "serial/thr", "version": 1, "fields": [
         {"name": "b", "type": "buffer", "size": 3}]}]}]}
      """;

  static Stream<byte[]> seeds() {
    return Stream.of(stream(true), stream(false), iterative());
  }

  /** An offer of a network card, and its groups before and after the stop. */
  private static byte[] iterative() {
    OfferedForm<VirtioNetState> card = VirtioNetState.offered();
    Map<String, String> life =
        Map.of(
            "host_features", "4294967296",
            "config_len", "24",
            "legacy", "off",
            "vq_count", "3",
            "msix_vectors", "4",
            "max_queue_pairs", "1");
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    message(out, 1, w -> offer(w, GroupForm.layout(card.declaration()), life));
    VirtioNetState state = card.blank().apply(new OfferedLife(life, true));
    message(out, 2, w -> groups(w, card, state, true));
    message(out, 3, w -> groups(w, card, state, false));
    out.u8(StreamFormat.EOF);
    return out.toByteArray();
  }

  private static void offer(WireWriter out, String layout, Map<String, String> life) {
    Offer.Section card =
        new Offer.Section(
            "0000:00:01.0/virtio-net", 0, 11, 11, IterativeMigration.AUTO, layout, life);
    new Offer("virt", "virt-1.1", Map.of(), List.of(), List.of(card), Map.of()).write(out);
  }

  private static void groups(
      WireWriter out, OfferedForm<VirtioNetState> card, VirtioNetState state, boolean early) {
    out.u16(0);
    out.u32(1);
    if (early) {
      out.u8(0);
    }
    int count = card.declaration().groups().size();
    out.u16(count);
    for (int i = 0; i < count; i++) {
      byte[] group = GroupForm.encode(card.declaration().groups().get(i), state);
      out.u16(i);
      out.u32(group.length);
      out.bytes(group);
    }
    if (!early) {
      out.text("00");
    }
  }

  private static void message(WireWriter out, int kind, Consumer<WireWriter> payload) {
    WireWriter body = new WireWriter();
    payload.accept(body);
    out.u8(StreamFormat.COMMAND);
    out.u16(0x4876);
    out.u16(5);
    out.u8(kind);
    out.u32(body.length());
    out.bytes(body.toByteArray());
  }

  private static byte[] stream(boolean described) {
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    SectionHeader ram = new SectionHeader(StreamFormat.SECTION_START, 2, "ram", 0, 4);
    ram.write(out);
    out.u64(4096 | 4);
    out.counted("r");
    out.u64(4096);
    out.u64(2);
    out.counted("r");
    out.u8(0);
    out.u64(0x10);
    ram.writeFooter(out);
    SectionHeader serial = new SectionHeader(StreamFormat.SECTION_FULL, 3, "serial", 0, 3);
    serial.write(out);
    out.zeros(10);
    out.u8(5);
    out.counted("serial/thr");
    out.u32(1);
    out.zeros(3);
    serial.writeFooter(out);
    SectionHeader net =
        new SectionHeader(StreamFormat.SECTION_FULL, 4, "0000:00:01.0/virtio-net", 0, 11);
    net.write(out);
    out.zeros(276 + 40 + 560);
    net.writeFooter(out);
    out.u8(StreamFormat.EOF);
    if (described) {
      byte[] json = JSON.getBytes(StandardCharsets.UTF_8);
      out.u8(StreamFormat.VMDESCRIPTION);
      out.u32(json.length);
      out.bytes(json);
    }
    return out.toByteArray();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void streams(byte[] input) throws Exception {
    Bounds.hold(
        (64L << 20) + 64L * input.length,
        () -> {
          try (Inspection stream =
              Inspection.of(Channels.newChannel(new ByteArrayInputStream(input)))) {
            TextReport.print(stream, new PrintWriter(new StringWriter()), true);
            assertThat(stream.outline().end()).isLessThanOrEqualTo(input.length);
          }
        });
  }

  static Stream<byte[]> descriptions() {
    return Stream.of(JSON.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("descriptions")
  @FuzzTest(maxDuration = "5s")
  void descriptions(byte[] json) throws Exception {
    Bounds.hold(
        (16L << 20) + 1024L * json.length,
        () -> {
          try {
            StreamDescription.parse(json).sections().forEach(s -> s.state().bytes());
          } catch (StreamException e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
  }
}
