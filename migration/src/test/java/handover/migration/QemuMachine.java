package handover.migration;

import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.ChangeClass;
import handover.vmstate.Configuration;
import handover.vmstate.Migratable;
import handover.vmstate.SectionHeader;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A machine with the RAM blocks and sections of a stream that a QEMU wrote, each section an opaque
 * row of bytes: what it takes in it gives out again unchanged.
 */
final class QemuMachine implements MigratableMachine {
  private final List<RamBlock> blocks = new ArrayList<>();
  private final List<Migratable<?>> sections = new ArrayList<>();
  volatile boolean here;

  /** Learns blocks and sections from the stream in {@code file}. */
  QemuMachine(Path file) throws IOException {
    byte[] stream = Files.readAllBytes(file);
    WireReader in = new WireReader(stream);
    Configuration.readHeader(in);
    SectionHeader.read(in.u8(), in);
    long total = in.u64() & -RamFormat.PAGE;
    while (total > 0) {
      String name = in.counted();
      long size = in.u64();
      blocks.add(new RamBlock(name, HostMapping.allocate(name, size)));
      total -= size;
    }
    String text = new String(stream, StandardCharsets.ISO_8859_1);
    Map<?, ?> description =
        (Map<?, ?>) Qemu.json(text.substring(text.lastIndexOf("{\"page_size\"")));
    for (Object device : (List<?>) description.get("devices")) {
      Map<?, ?> d = (Map<?, ?>) device;
      String name = (String) d.get("name");
      sections.add(new Opaque(name, integer(d, "instance_id"), integer(d, "version"), size(d)));
    }
  }

  private static int integer(Map<?, ?> map, String key) {
    return Integer.parseInt((String) map.get(key));
  }

  private static int size(Map<?, ?> state) {
    int size = 0;
    for (Object field : (List<?>) state.get("fields")) {
      Map<?, ?> f = (Map<?, ?>) field;
      int count = f.containsKey("array_len") ? integer(f, "array_len") : 1;
      size += count * integer(f, "size");
    }
    if (state.get("subsections") instanceof List<?> subsections) {
      for (Object sub : subsections) {
        Map<?, ?> s = (Map<?, ?>) sub;
        size += 1 + 1 + ((String) s.get("vmsd_name")).length() + 4 + size(s);
      }
    }
    return size;
  }

  /** One section. */
  private static final class Opaque implements Migratable<byte[]> {
    private final String name;
    private final int instance;
    private final StateDeclaration<byte[]> declaration;
    private byte[] live;

    Opaque(String name, int instance, int version, int size) {
      this.name = name;
      this.instance = instance;
      this.live = new byte[size];
      this.declaration =
          StateDeclaration.<byte[]>of(name, version)
              .group("all", ChangeClass.HOT)
              .bytes("all", b -> b)
              .build();
    }

    @Override
    public String sectionName() {
      return name;
    }

    @Override
    public int instanceId() {
      return instance;
    }

    @Override
    public StateDeclaration<byte[]> declaration() {
      return declaration;
    }

    @Override
    public byte[] snapshot() {
      return live.clone();
    }

    @Override
    public byte[] blank() {
      return new byte[live.length];
    }

    @Override
    public void commit(byte[] state) {
      live = state.clone();
    }
  }

  @Override
  public String machineType() {
    return "virt";
  }

  @Override
  public String machineVersion() {
    return "virt-1.0";
  }

  @Override
  public List<RamBlock> ramBlocks() {
    return blocks;
  }

  @Override
  public List<Migratable<?>> sections() {
    return sections;
  }

  @Override
  public Map<String, String> agreementProperties() {
    return Map.of("smp", "1");
  }

  @Override
  public boolean running() {
    return false;
  }

  @Override
  public void stopForMigration() {
    here = false;
  }

  @Override
  public void resumeAfterFailure() {
    here = true;
  }

  @Override
  public void handedOver() {
    here = false;
  }

  @Override
  public long startAfterMigration() {
    here = true;
    return System.nanoTime();
  }

  @Override
  public void recordDirtyPages(boolean on) {
    for (RamBlock block : blocks) {
      if (on) {
        block.dirtyLog().start();
      } else {
        block.dirtyLog().stop();
      }
    }
  }

  @Override
  public long collectDirtyPages(long[][] into) {
    long fresh = 0;
    for (int i = 0; i < blocks.size(); i++) {
      fresh += blocks.get(i).dirtyLog().collect(into[i]);
    }
    return fresh;
  }

  @Override
  public void announceSelf() {
    // Nothing is on a network.
  }
}
