package handover.diagnosis.stream;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.OfferedLife;
import handover.devices.virtio.VirtioState;
import handover.migration.Offer;
import handover.monitor.json.Json;
import handover.monitor.json.JsonText;
import handover.vmstate.ChangeClass;
import handover.vmstate.Field;
import handover.vmstate.GroupForm;
import handover.vmstate.IterativeMigration;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.Channels;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;

/** States of iterative devices, as this program sends them, decoded by name. */
final class HandoverMessagesTest {
  private static final String CARD = "virtio-mmio@0000000010008000/virtio-net";
  private static final Map<String, String> LIFE =
      Map.ofEntries(
          Map.entry("host_features", "18446744073709551615"),
          Map.entry("config_len", "24"),
          Map.entry("legacy", "off"),
          Map.entry("vq_count", "5"),
          Map.entry("msix_vectors", "6"),
          Map.entry("max_queue_pairs", "2"),
          Map.entry("capacity", "2048"),
          Map.entry("max_nr_ports", "31"),
          Map.entry("ports_map", "7"),
          Map.entry("console_ports", "1"));

  private static final int LONGEST_FIELD = 4096;

  // ---- Messages

  static void message(WireWriter out, int kind, Consumer<WireWriter> payload) {
    WireWriter body = new WireWriter();
    payload.accept(body);
    out.u8(StreamFormat.COMMAND);
    out.u16(0x4876);
    out.u16(5);
    out.u8(kind);
    out.u32(body.length());
    out.bytes(body.toByteArray());
  }

  private static void offer(WireWriter out, String section, String layout) {
    Offer.Section only =
        new Offer.Section(section, 0, 11, 11, IterativeMigration.AUTO, layout, LIFE);
    new Offer("virt", "virt-1.1", Map.of(), List.of(), List.of(only), Map.of()).write(out);
  }

  private static void head(WireWriter out, boolean early, boolean restart, int groups) {
    out.u16(0);
    out.u32(5);
    if (early) {
      out.u8(restart ? 1 : 0);
    }
    out.u16(groups);
  }

  private static void group(WireWriter out, int index, byte[] bytes) {
    out.u16(index);
    out.u32(bytes.length);
    out.bytes(bytes);
  }

  private static List<StreamItem.Command> commands(WireWriter out) throws Exception {
    byte[] bytes = out.toByteArray();
    try (Inspection stream = Inspection.of(Channels.newChannel(new ByteArrayInputStream(bytes)))) {
      assertThat(stream.outline().broken()).isEmpty();
      return stream.outline().items().stream()
          .filter(StreamItem.Command.class::isInstance)
          .map(StreamItem.Command.class::cast)
          .toList();
    }
  }

  private static OfferedForm<?> net() {
    return OfferedState.forms().values().stream()
        .filter(f -> f.declaration().name().equals("virtio-net"))
        .findFirst()
        .orElseThrow();
  }

  // ---- Any state of any device

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void everyFieldOfEveryDeviceIsNamedAndEveryByteOfItRead(@ForAll long seed) throws Exception {
    for (OfferedForm<?> form : OfferedState.forms().values()) {
      everyField(form, new Random(seed));
    }
  }

  private static <S extends VirtioState> void everyField(OfferedForm<S> form, Random random)
      throws Exception {
    boolean pci = random.nextBoolean();
    String place = pci ? "0000:00:01.0/" : "virtio-mmio@0000000010008000/";
    S state = form.blank().apply(new OfferedLife(LIFE, pci));
    randomize(form.declaration(), state, random);
    WireWriter out = StreamWalkTest.beginning();
    String layout = GroupForm.layout(form.declaration());
    message(out, 1, w -> offer(w, place + form.declaration().name(), layout));
    message(out, 2, w -> groups(w, form, state, true));
    message(out, 3, w -> groups(w, form, state, false));
    out.u8(StreamFormat.EOF);

    byte[] bytes = out.toByteArray();
    List<StreamItem.Command> commands = commands(out);
    List<FieldValue> groups =
        Stream.of(commands.get(1), commands.get(2)).flatMap(c -> c.groups().stream()).toList();
    for (StateDeclaration.Group<S> group : form.declaration().groups()) {
      if (group.changes() != ChangeClass.LIFE) {
        FieldValue told =
            groups.stream().filter(g -> g.name().equals(group.name())).findFirst().orElseThrow();
        assertThat(told.value()).isEqualTo(told.bytes() + " bytes");
        requireFields(group, state, told, bytes);
      }
    }
  }

  private static <S extends VirtioState> void groups(
      WireWriter out, OfferedForm<S> form, S state, boolean early) {
    List<StateDeclaration.Group<S>> all = form.declaration().groups();
    List<StateDeclaration.Group<S>> these =
        all.stream()
            .filter(g -> g.changes() != ChangeClass.LIFE)
            .filter(g -> early != (g.changes() == ChangeClass.HOT))
            .toList();
    head(out, early, true, these.size());
    these.forEach(g -> group(out, all.indexOf(g), GroupForm.encode(g, state)));
    if (!early) {
      out.text("digest");
    }
  }

  /** Whatever of random bytes a device may have. */
  private static <S extends VirtioState> void randomize(
      StateDeclaration<S> declaration, S state, Random random) {
    for (StateDeclaration.Group<S> group : declaration.groups()) {
      if (group.changes() == ChangeClass.LIFE) {
        continue;
      }
      for (Field<S> field : group.fields()) {
        for (boolean done = false; !done; ) {
          try {
            field.load(state, new WireReader(noise(random)), QemuRelease.newest());
            done = true;
          } catch (StreamException e) {
            // Not what there can be; other bytes, then.
          }
        }
      }
    }
  }

  /** Mostly small numbers, as in most fields. */
  private static byte[] noise(Random random) {
    byte[] bytes = new byte[LONGEST_FIELD];
    int shift = 3 + random.nextInt(5);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (random.nextInt(256) >> shift);
    }
    return bytes;
  }

  /** Fields are in the declared order, cover the group, and say what its bytes say. */
  private static <S> void requireFields(
      StateDeclaration.Group<S> group, S state, FieldValue told, byte[] stream) {
    List<String> names =
        group.fields().stream().filter(f -> length(f, state) > 0).map(Field::name).toList();
    assertThat(told.parts().stream().map(f -> f.name().replaceAll("\\[\\d+]$", "")).distinct())
        .as(group.name())
        .containsExactlyElementsOf(names);
    long next = told.offset();
    for (FieldValue field : told.parts()) {
      assertThat(field.offset()).as("%s.%s", group.name(), field.name()).isEqualTo(next);
      next += field.bytes();
      requireValue(field, stream);
    }
    assertThat(next).as(group.name()).isEqualTo(told.offset() + told.bytes());
  }

  private static <S> int length(Field<S> field, S state) {
    WireWriter out = new WireWriter();
    field.save(state, out, QemuRelease.newest());
    return out.length();
  }

  private static void requireValue(FieldValue field, byte[] stream) {
    field.parts().stream()
        .filter(part -> !field.type().equals("pci config"))
        .forEach(part -> requireValue(part, stream));
    if (field.type().matches("uint(8|16|32|64)") && !field.value().isEmpty()) {
      long value = 0;
      for (int i = 0; i < field.bytes(); i++) {
        value = value << 8 | stream[(int) field.offset() + i] & 0xff;
      }
      String number = field.value().split("[: ]", 2)[0];
      assertThat(Long.parseUnsignedLong(number.replace("0x", ""), 16))
          .as(field.name())
          .isEqualTo(value);
    }
  }

  // ---- Words

  @Test
  void valuesAreSaidInWordsAndInJson() throws Exception {
    OfferedForm<?> net = net();
    WireWriter out = StreamWalkTest.beginning();
    message(out, 1, w -> offer(w, CARD, GroupForm.layout(net.declaration())));
    message(out, 2, w -> negotiated(w, net));
    out.u8(StreamFormat.EOF);
    StringWriter text = new StringWriter();
    StringWriter brief = new StringWriter();
    StringWriter json = new StringWriter();
    try (Inspection stream =
        Inspection.of(Channels.newChannel(new ByteArrayInputStream(out.toByteArray())))) {
      TextReport.print(stream, new PrintWriter(text), true);
      TextReport.print(stream, new PrintWriter(brief), false);
      JsonReport.print(stream, new PrintWriter(json));
    }
    assertThat(text.toString())
        .contains("virtio-net, sequence 5, anew")
        .contains("virtio.negotiated = 15 bytes")
        .contains("status = 0xf ACKNOWLEDGE DRIVER DRIVER_OK FEATURES_OK")
        .contains("guest_features = 0x100008000: mrg_rxbuf version_1")
        .contains("vq\n")
        .contains("touched = false");
    assertThat(brief.toString()).contains("virtio.negotiated = 15 bytes").doesNotContain("status");
    Json.Obj report = (Json.Obj) JsonText.parse(json.toString());
    Json.Obj early = (Json.Obj) report.array("items").get(1);
    Json.Obj group = (Json.Obj) early.array("fields").getFirst();
    assertThat(group.text("name")).contains("virtio.negotiated");
    assertThat(((Json.Obj) group.array("fields").getFirst()).text("value"))
        .contains("0xf ACKNOWLEDGE DRIVER DRIVER_OK FEATURES_OK");
  }

  private static void negotiated(WireWriter out, OfferedForm<?> form) {
    List<String> names = form.declaration().groups().stream().map(g -> g.name()).toList();
    WireWriter bytes = new WireWriter();
    bytes.u8(0xf);
    bytes.u8(0);
    bytes.u64(1L << 32 | 1 << 15);
    bytes.zeros(5);
    head(out, true, true, 1);
    group(out, names.indexOf("virtio.negotiated"), bytes.toByteArray());
  }

  // ---- What nobody sends

  @Test
  void whatIsNotADevicesStateIsToldByItsNumberAndSize() throws Exception {
    String layout = GroupForm.layout(net().declaration());
    WireWriter out = StreamWalkTest.beginning();
    message(out, 2, w -> w.zeros(9)); // Nothing was offered yet.
    message(out, 1, w -> offer(w, CARD, layout));
    message(
        out,
        3,
        w -> {
          head(w, false, false, 2);
          group(w, 99, new byte[3]);
          group(w, 1, new byte[] {0, 7});
          w.text("d");
        });
    message(out, 2, w -> w.u16(0));
    message(out, 1, w -> offer(w, CARD, "0123456789abcdef"));
    message(
        out,
        2,
        w -> {
          head(w, true, false, 1);
          group(w, 1, new byte[2]);
        });
    out.u8(StreamFormat.EOF);
    List<StreamItem.Command> commands = commands(out);
    assertThat(commands.get(0).detail()).endsWith("section 0 of the offer, sequence 0");
    assertThat(commands.get(2).groups())
        .extracting(g -> g.name() + " = " + g.value())
        .satisfiesExactly(
            g -> assertThat(g).isEqualTo("group 99 = 3 bytes"),
            g -> assertThat(g).startsWith("virtio.negotiated = 2 bytes, cannot be read: "),
            g -> assertThat(g).isEqualTo("digest = d"));
    assertThat(commands.get(3).detail()).contains("cannot be read");
    assertThat(commands.get(5).groups())
        .extracting(g -> g.name() + " = " + g.value())
        .containsExactly("group 1 = 2 bytes");
  }
}
