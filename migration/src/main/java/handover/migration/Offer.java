package handover.migration;

import handover.memory.RamBlock;
import handover.vmstate.ChangeClass;
import handover.vmstate.FieldText;
import handover.vmstate.GroupForm;
import handover.vmstate.IterativeMigration;
import handover.vmstate.Migratable;
import handover.vmstate.SectionHeader;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one side has: everything that must agree, or be agreed upon, before state moves.
 *
 * @param machineType as in the CONFIGURATION section
 * @param machineVersion our own machine version
 * @param capabilities those that both sides must see alike
 * @param blocks RAM blocks in stream order
 * @param sections in stream order; RAM is not among them
 * @param properties path → value
 */
public record Offer(
    String machineType,
    String machineVersion,
    Map<String, Boolean> capabilities,
    List<Block> blocks,
    List<Section> sections,
    Map<String, String> properties) {

  private static final List<Capability> AGREED =
      List.of(Capability.VIRTIO_ITERATIVE, Capability.X_VERIFY_RAM, Capability.CARRY_FRAMES);

  /** A RAM block. */
  public record Block(String name, long bytes) {}

  /**
   * One section.
   *
   * @param minimumVersion oldest version this side reads
   * @param layout {@link GroupForm#layout}
   * @param life values of the fields that are fixed for the device's life
   */
  public record Section(
      String name,
      int instanceId,
      int version,
      int minimumVersion,
      IterativeMigration iterative,
      String layout,
      Map<String, String> life) {
    /** Its name, with {@code #n} unless instance 0. */
    public String label() {
      return SectionHeader.label(name, instanceId);
    }
  }

  /** What this machine would send now. */
  static Offer of(MigratableMachine machine, MigrationSettings settings) {
    List<Block> blocks = new ArrayList<>();
    for (RamBlock block : machine.ramBlocks()) {
      blocks.add(new Block(block.name(), block.size()));
    }
    List<Section> sections = new ArrayList<>();
    for (Migratable<?> device : written(machine)) {
      sections.add(section(device, device.declaration().versionIn(machine.stream())));
    }
    return of(machine, settings, blocks, sections);
  }

  /** What this machine can take in, whichever release's stream comes. */
  static Offer readable(MigratableMachine machine, MigrationSettings settings) {
    List<Block> blocks = new ArrayList<>();
    for (RamBlock block : readableBlocks(machine)) {
      blocks.add(new Block(block.name(), block.size()));
    }
    List<Section> sections = new ArrayList<>();
    for (Migratable<?> device : machine.sections()) {
      sections.add(section(device, device.declaration().version()));
    }
    return of(machine, settings, blocks, sections);
  }

  /** The sections that the machine's stream has, in order. */
  static List<Migratable<?>> written(MigratableMachine machine) {
    return machine.sections().stream()
        .filter(d -> d.declaration().versions().at(machine.stream()).isPresent())
        .toList();
  }

  /** Labels of sections and names of RAM blocks that one side may have and the other not. */
  static Set<String> optional(MigratableMachine machine) {
    Stream<String> sections =
        machine.sections().stream()
            .filter(d -> !d.declaration().versions().everywhere())
            .map(d -> SectionHeader.label(d.sectionName(), d.instanceId()));
    Stream<String> blocks = machine.optionalRamBlocks().stream().map(RamBlock::name);
    return Stream.concat(sections, blocks).collect(Collectors.toSet());
  }

  /** The RAM blocks that may come. */
  static List<RamBlock> readableBlocks(MigratableMachine machine) {
    return Stream.concat(machine.ramBlocks().stream(), machine.optionalRamBlocks().stream())
        .distinct()
        .toList();
  }

  private static Offer of(
      MigratableMachine machine,
      MigrationSettings settings,
      List<Block> blocks,
      List<Section> sections) {
    Map<String, Boolean> capabilities = new TreeMap<>();
    for (Capability c : AGREED) {
      capabilities.put(c.wireName(), settings.enabled(c));
    }
    return new Offer(
        machine.machineType(),
        machine.machineVersion(),
        capabilities,
        blocks,
        sections,
        new TreeMap<>(machine.agreementProperties()));
  }

  private static <S> Section section(Migratable<S> device, int version) {
    StateDeclaration<S> declaration = device.declaration();
    Map<String, String> life = new TreeMap<>();
    S blank = device.blank();
    for (StateDeclaration.Group<S> group : declaration.groups()) {
      if (group.changes() == ChangeClass.LIFE) {
        life.putAll(FieldText.of(group, blank));
      }
    }
    return new Section(
        device.sectionName(),
        device.instanceId(),
        version,
        declaration.minimumVersion(),
        device.iterativeMigration(),
        GroupForm.layout(declaration),
        life);
  }

  boolean enabled(Capability capability) {
    return capabilities.getOrDefault(capability.wireName(), false);
  }

  /** Appends what {@link #read} reads. */
  public void write(WireWriter out) {
    out.text(machineType);
    out.text(machineVersion);
    writeMap(out, capabilities, (o, on) -> o.u8(on ? 1 : 0));
    out.u16(blocks.size());
    for (Block block : blocks) {
      out.text(block.name());
      out.u64(block.bytes());
    }
    out.u16(sections.size());
    for (Section section : sections) {
      out.text(section.name());
      out.u32(section.instanceId());
      out.u32(section.version());
      out.u32(section.minimumVersion());
      out.text(section.iterative().wireName());
      out.text(section.layout());
      writeMap(out, section.life(), WireWriter::text);
    }
    writeMap(out, properties, WireWriter::text);
  }

  /** Reads an offer from a stream that nobody vouches for. */
  public static Offer read(WireReader in) {
    return new Offer(
        in.text(),
        in.text(),
        readMap(in, r -> r.u8() != 0),
        readList(in, r -> new Block(r.text(), r.u64())),
        readList(in, Offer::readSection),
        readMap(in, WireReader::text));
  }

  private static Section readSection(WireReader in) {
    return new Section(
        in.text(),
        in.u32(),
        in.u32(),
        in.u32(),
        readMode(in),
        in.text(),
        readMap(in, WireReader::text));
  }

  private static IterativeMigration readMode(WireReader in) {
    String mode = in.text();
    return IterativeMigration.named(mode)
        .orElseThrow(() -> in.malformed("iterative-mig off, auto or on", "'" + mode + "'"));
  }

  private interface Write<V> {
    void to(WireWriter out, V value);
  }

  private interface Read<V> {
    V from(WireReader in);
  }

  private static <V> void writeMap(WireWriter out, Map<String, V> map, Write<V> write) {
    out.u16(map.size());
    map.forEach(
        (key, value) -> {
          out.text(key);
          write.to(out, value);
        });
  }

  private static <V> Map<String, V> readMap(WireReader in, Read<V> read) {
    Map<String, V> map = new TreeMap<>();
    int count = in.u16();
    for (int i = 0; i < count; i++) {
      String key = in.text();
      map.put(key, read.from(in));
    }
    return map;
  }

  private static <V> List<V> readList(WireReader in, Read<V> read) {
    List<V> list = new ArrayList<>();
    int count = in.u16();
    for (int i = 0; i < count; i++) {
      list.add(read.from(in));
    }
    return list;
  }
}
