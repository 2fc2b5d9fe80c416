package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.devices.pci.OptionRom;
import handover.devices.virtio.block.RawImage;
import handover.devices.virtio.block.VirtioBlock;
import handover.devices.virtio.entropy.VirtioEntropy;
import handover.devices.virtio.net.VirtioNet;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same accesses to our PCI devices and to a real QEMU's: same answers, same sections. */
class PciAgainstQemuTest {
  private static final int NET = 1;
  private static final int BLOCK = 2;
  private static final int ENTROPY = 3;
  private static final int ROM_BYTES = 8192;
  private static final long PLACE = PciMachine.MMIO + 0x100_0000;

  @TempDir Path folder;
  private final OurPciMachine ours = new OurPciMachine();
  private QemuPciMachine theirs;
  private VirtioNet net;
  private VirtioBlock block;
  private VirtioEntropy entropy;

  private static void fail(String problem) {
    throw new AssertionError(problem);
  }

  @BeforeEach
  void plug() throws IOException {
    QtestProcess.require();
    Path disk = Files.write(folder.resolve("disk"), new byte[1 << 20]);
    byte[] image = new byte[ROM_BYTES - 1000];
    new Random(1).nextBytes(image);
    Path rom = Files.write(folder.resolve("rom"), image);
    theirs =
        new QemuPciMachine(
            folder,
            "-netdev",
            "hubport,id=n0,hubid=0",
            "-device",
            "virtio-net-pci,netdev=n0,romfile=" + rom,
            "-drive",
            "id=d0,if=none,format=raw,file=" + disk,
            "-device",
            "virtio-blk-pci,drive=d0,disable-legacy=on,vectors=0,multifunction=on",
            "-device",
            "virtio-rng-pci");
    Netdev wire =
        new Netdevs().open("none", Map.of("id", "n0"), PciAgainstQemuTest::fail).orElseThrow();
    net =
        VirtioNet.create(
                Map.of("netdev", "n0"),
                0,
                id -> Optional.of(wire),
                ours.memory(),
                PciAgainstQemuTest::fail)
            .orElseThrow();
    RawImage content = RawImage.open("d0", disk, false);
    block =
        VirtioBlock.create(
                Map.of("drive", "d0"),
                id -> Optional.of(content),
                ours.memory(),
                PciAgainstQemuTest::fail)
            .orElseThrow();
    entropy = VirtioEntropy.create(Map.of(), ours.memory(), PciAgainstQemuTest::fail).orElseThrow();
    RamBlock romBlock = new RamBlock("rom", HostMapping.allocate("rom", ROM_BYTES));
    MemorySegment.copy(image, 0, romBlock.segment(), ValueLayout.JAVA_BYTE, 0, image.length);
    ours.plug(NET, net, Map.of(), Optional.of(new OptionRom(romBlock)));
    ours.plug(BLOCK, block, Map.of("disable-legacy", "on", "vectors", "0", "multifunction", "on"));
    ours.plug(ENTROPY, entropy, Map.of());
  }

  @AfterEach
  void close() throws IOException {
    if (theirs != null) {
      theirs.close();
    }
    net.close();
    block.close();
    entropy.close();
  }

  private void store(long address, int bytes, long value) {
    ours.store(address, bytes, value);
    theirs.store(address, bytes, value);
  }

  private void config(int slot, int offset, int bytes, long value) {
    store(PciMachine.ECAM + (slot << 15) + offset, bytes, value);
  }

  private void sameAnswer(long address, int bytes) {
    assertThat(ours.load(address, bytes))
        .as("%d bytes at 0x%x", bytes, address)
        .isEqualTo(theirs.load(address, bytes));
  }

  private void sameConfiguration(int slot) {
    for (int offset = 0; offset < 0x110; offset += 4) {
      sameAnswer(PciMachine.ECAM + (slot << 15) + offset, 4);
    }
  }

  @Test
  void configurationSpaceIsTheSameAtPowerOn() {
    for (int slot = 0; slot < 6; slot++) {
      sameConfiguration(slot);
    }
    sameAnswer(PciMachine.ECAM + (NET << 15) + 1, 1);
    sameAnswer(PciMachine.ECAM + (NET << 15) + 2, 2);
  }

  @Test
  void configurationSpaceIsTheSameWhateverIsWrittenToIt() {
    Random random = new Random(42);
    for (int i = 0; i < 400; i++) {
      int slot = random.nextInt(4);
      int bytes = 1 << random.nextInt(3);
      int offset = random.nextInt(defined(slot) / bytes) * bytes;
      if (offset >= 0x94 && offset < 0x98) {
        continue; // Access to the BAR, whose contents may differ.
      }
      config(slot, offset, bytes, random.nextBoolean() ? -1 : random.nextInt());
    }
    for (int slot = 0; slot < 4; slot++) {
      for (int offset = 0; offset < defined(slot); offset += 4) {
        if (offset != 0x94) {
          sameAnswer(PciMachine.ECAM + (slot << 15) + offset, 4);
        }
      }
    }
  }

  /** Behind header and capabilities QEMU has scratch bytes, and we have none. */
  private static int defined(int slot) {
    return slot == 0 ? 0x40 : slot == BLOCK ? 0x98 : 0xa4;
  }

  @Test
  void theOptionRomAnswersWhereItsRegisterSays() {
    config(NET, 0x30, 4, -1);
    sameAnswer(PciMachine.ECAM + (NET << 15) + 0x30, 4);
    config(NET, 0x30, 4, PLACE | 1);
    config(NET, 0x04, 2, 2);
    for (int offset = 0; offset < ROM_BYTES; offset += 508) {
      sameAnswer(PLACE + offset, 4);
      store(PLACE + offset, 4, 0);
      sameAnswer(PLACE + offset, 4);
    }
    assertThat(ours.load(PLACE, 4)).isNotZero();
    config(NET, 0x30, 4, PLACE);
    assertThat(ours.load(PLACE, 4)).as("switched off").isEqualTo(0xffff_ffffL);
  }

  private void enable(int slot) {
    config(slot, 0x20, 4, PLACE + slot * 0x4000);
    config(slot, 0x24, 4, 0);
    config(slot, 0x14, 4, PLACE + 0x10_0000 + slot * 0x1000);
    config(slot, 0x04, 2, 6);
  }

  /** Brings a device up to DRIVER_OK with the features it and QEMU both offer. */
  private void drive(int slot, int queues) {
    enable(slot);
    long common = PLACE + slot * 0x4000;
    store(common + 0x14, 1, 0);
    store(common + 0x14, 1, 3);
    for (int half = 0; half < 2; half++) {
      store(common, 4, half);
      long both = ours.load(common + 4, 4) & theirs.load(common + 4, 4);
      store(common + 8, 4, half);
      store(common + 12, 4, both);
    }
    store(common + 0x14, 1, 11);
    sameAnswer(common + 0x14, 1);
    sameAnswer(common + 0x12, 2);
    store(common + 0x10, 2, 0);
    sameAnswer(common + 0x10, 2);
    for (int queue = 0; queue < queues; queue++) {
      addQueue(common, queue);
    }
    store(common + 0x14, 1, 15);
    sameAnswer(common + 0x14, 1);
  }

  private void addQueue(long common, int queue) {
    store(common + 0x16, 2, queue);
    sameAnswer(common + 0x18, 2);
    store(common + 0x18, 2, 16);
    store(common + 0x1a, 2, 1);
    sameAnswer(common + 0x1a, 2);
    store(common + 0x1a, 2, 999);
    sameAnswer(common + 0x1a, 2);
    sameAnswer(common + 0x1e, 2);
    long ring = PciMachine.RAM + 0x10_0000 + queue * 0x4000;
    for (int part = 0; part < 3; part++) {
      store(common + 0x20 + 8 * part, 4, ring + 0x1000 * part);
      store(common + 0x24 + 8 * part, 4, 0);
    }
    store(common + 0x1c, 2, 1);
    for (int offset = 0x16; offset < 0x38; offset += 2) {
      sameAnswer(common + offset, offset < 0x20 ? 2 : 4);
      offset += offset < 0x20 ? 0 : 2;
    }
  }

  @Test
  void theRegistersAnswerAlikeAndTheSectionsAreTheSame() throws IOException {
    drive(NET, 3);
    drive(BLOCK, 1);
    drive(ENTROPY, 1);
    long table = PLACE + 0x10_0000 + NET * 0x1000;
    for (int word = 0; word < 8; word++) {
      store(table + 4 * word, 4, 0x8010_0000L + word * 4);
      sameAnswer(table + 4 * word, 4);
    }
    sameAnswer(table + 0x800, 4);
    config(NET, 0x3c, 1, 33);
    byte[] stream = theirs.migrate();
    sameHead(stream, net, 4);
    sameHead(stream, block, 0);
    sameHead(stream, entropy, 2);
    sameSection(stream, ours.bridge);
    sameSection(stream, net);
    sameSection(stream, block);
    sameSection(stream, entropy);
  }

  @Test
  void aFunctionWithoutBusMasteryMovesAsSuch() throws IOException {
    drive(ENTROPY, 1);
    config(ENTROPY, 0x04, 2, 2);
    sameSection(theirs.migrate(), entropy);
    assertThat(ours.config(ENTROPY, 0x04, 2)).isEqualTo(2);
  }

  /** After the same accesses ours has the same configuration space, MSI-X table and vector. */
  private static void sameHead(byte[] stream, VirtioDevice<?> device, int vectors) {
    int length = 276 + (vectors == 0 ? 0 : 16 * vectors + 1 + 2);
    assertThat(Arrays.copyOf(Saving.classic(device), length))
        .as(device.sectionName())
        .isEqualTo(Arrays.copyOf(section(stream, device.sectionName()), length));
  }

  /** Ours reads QEMU's section, and writes it again, byte for byte. */
  private static <S> void sameSection(byte[] stream, Migratable<S> device) {
    byte[] section = section(stream, device.sectionName());
    S state = device.blank();
    WireReader in = new WireReader(section);
    device.declaration().load(state, in, device.declaration().version());
    WireWriter out = new WireWriter();
    device.declaration().save(state, out, QemuRelease.QEMU_7_2);
    byte[] again = out.toByteArray();
    assertThat(again.length).as(device.sectionName()).isEqualTo(in.position());
    assertThat(again).as(device.sectionName()).isEqualTo(Arrays.copyOf(section, again.length));
    assertThat(section[(int) in.position()]).as("footer").isEqualTo((byte) 0x7e);
    device.commit(state);
  }

  /** What follows the section's header, to the stream's end. */
  private static byte[] section(byte[] stream, String name) {
    String text = new String(stream, StandardCharsets.ISO_8859_1);
    int at = text.indexOf((char) name.length() + name) + 1 + name.length() + 8;
    return Arrays.copyOfRange(stream, at, stream.length);
  }
}
