package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootImagesTest {
  private static final long MIB = 1L << 20;

  @TempDir Path folder;
  private final List<String> problems = new ArrayList<>();

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] filled(int size, int value) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] linux(int fileSize, long imageSize) {
    byte[] image = filled(fileSize, 0x11);
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(16, imageSize)
        .putInt(56, 0x05435352);
    return image;
  }

  private static byte[] elf(long virtual, long physical, byte[] text, long memoryBytes) {
    ByteBuffer elf = ByteBuffer.allocate(120 + text.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.putInt(0x464c457f).put((byte) 2).put((byte) 1).put((byte) 1);
    elf.putShort(16, (short) 2).putShort(18, (short) 243).putLong(24, virtual + 4);
    elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
    elf.putInt(64, 1).putLong(72, 120).putLong(80, virtual).putLong(88, physical);
    elf.putLong(96, text.length).putLong(104, memoryBytes);
    return elf.position(120).put(text).array();
  }

  private BootImages plan(long memory, Path bios, Path kernel, Path initrd) {
    return plan(memory, BootFile.READ, bios, kernel, initrd);
  }

  private BootImages plan(long memory, BootFile files, Path bios, Path kernel, Path initrd) {
    return BootImages.plan(
        memory,
        files,
        Optional.ofNullable(bios),
        Optional.ofNullable(kernel),
        Optional.ofNullable(initrd),
        range -> new byte[0x1000],
        problems::add);
  }

  @Test
  void placesEverythingWhereQemuDoes() throws IOException {
    BootImages images =
        plan(
            256 * MIB,
            file("fw", filled(270_000, 1)),
            file("Image", linux(4096, 20 * MIB)),
            file("initrd", filled(10_000, 3)));
    assertThat(problems).isEmpty();
    assertThat(images.startAddress()).isEqualTo(0x80000000L);
    assertThat(images.initrd()).contains(new VirtTree.Range(0x88200000L, 0x88200000L + 10_000));
    assertThat(images.treeAddress()).isEqualTo(0x8fe00000L);
  }

  @Test
  void theTreeStaysBelowThreeGigabytes() throws IOException {
    BootImages images = plan(4096 * MIB, file("fw", filled(16, 1)), null, null);
    assertThat(problems).isEmpty();
    assertThat(images.treeAddress()).isEqualTo(0xbfe00000L);
  }

  @Test
  void loadsBytesZerosAndTheBootRom() throws IOException {
    GuestMemory memory = new GuestMemory();
    RamBlock ram = new RamBlock("ram", HostMapping.allocate("ram", 32 * MIB));
    RamBlock rom = new RamBlock("rom", HostMapping.allocate("rom", VirtMap.MROM_SIZE));
    memory.map(VirtMap.DRAM, ram, true);
    memory.map(VirtMap.MROM, rom, false);
    BootImages images =
        plan(32 * MIB, file("fw", filled(64, 0xaa)), file("Image", linux(200_000, 300_000)), null);
    assertThat(problems).isEmpty();
    memory.storeU64(0x80200000L + 250_000, -1);
    images.load(memory, rom);
    assertThat(memory.loadU8(0x80000000L)).isEqualTo(0xaa);
    assertThat(memory.loadU8(0x80200000L + 199_999)).isEqualTo(0x11);
    assertThat(memory.loadU64(0x80200000L + 250_000)).as("bss").isZero();
    assertThat(memory.loadU32(VirtMap.MROM)).as("auipc t0, 0").isEqualTo(0x00000297);
    assertThat(memory.loadU32(VirtMap.MROM + 4)).as("addi a2, t0, 40").isEqualTo(0x02828613);
    assertThat(memory.loadU32(VirtMap.MROM + 8)).as("csrr a0, mhartid").isEqualTo(0xf1402573);
    assertThat(memory.loadU32(VirtMap.MROM + 12)).as("ld a1, 32(t0)").isEqualTo(0x0202b583);
    assertThat(memory.loadU32(VirtMap.MROM + 16)).as("ld t0, 24(t0)").isEqualTo(0x0182b283);
    assertThat(memory.loadU32(VirtMap.MROM + 20)).as("jr t0").isEqualTo(0x00028067);
    assertThat(memory.loadU64(VirtMap.MROM + 24)).isEqualTo(0x80000000L);
    assertThat(memory.loadU64(VirtMap.MROM + 32)).isEqualTo(images.treeAddress());
    assertThat(memory.loadU64(VirtMap.MROM + 40)).isEqualTo(0x4942534f);
    assertThat(memory.loadU64(VirtMap.MROM + 48)).isEqualTo(2);
    assertThat(memory.loadU64(VirtMap.MROM + 56)).isEqualTo(0x80200000L);
    assertThat(memory.loadU64(VirtMap.MROM + 64)).isEqualTo(1);
  }

  @Test
  void anElfKernelWithoutFirmwareStartsAtItsPhysicalEntry() throws IOException {
    GuestMemory memory = new GuestMemory();
    RamBlock ram = new RamBlock("ram", HostMapping.allocate("ram", 16 * MIB));
    RamBlock rom = new RamBlock("rom", HostMapping.allocate("rom", VirtMap.MROM_SIZE));
    memory.map(VirtMap.DRAM, ram, true);
    byte[] elf = elf(0xffffffff80000000L, 0x80100000L, filled(32, 0x5a), 100_000);
    BootImages images = plan(16 * MIB, null, file("pulse.elf", elf), null);
    assertThat(problems).isEmpty();
    assertThat(images.startAddress()).isEqualTo(0x80100004L);
    images.load(memory, rom);
    assertThat(memory.loadU8(0x80100000L + 31)).isEqualTo(0x5a);
    assertThat(memory.loadU8(0x80100000L + 32)).isZero();
  }

  @Test
  void whatIsReadStaysAndWhatIsMappedIsReadWhenItIsLoaded() throws IOException {
    Path kernel = file("k", filled(8192, 1));
    BootImages read = plan(16 * MIB, BootFile.READ, null, kernel, null);
    BootImages mapped = plan(16 * MIB, BootFile.MAPPED, null, kernel, null);
    var unused = file("k", filled(8192, 2));
    assertThat(problems).isEmpty();
    assertThat(loaded(read).loadU8(VirtMap.DRAM + 8191)).isEqualTo(1);
    assertThat(loaded(mapped).loadU8(VirtMap.DRAM + 8191)).isEqualTo(2);
  }

  @Test
  void aMappedFileThatWasCutOffDoesNotBreakTheMachine() throws IOException {
    BootImages mapped = plan(16 * MIB, BootFile.MAPPED, null, file("k", filled(16384, 1)), null);
    var unused = file("k", filled(4096, 2));
    assertThat(loaded(mapped).loadU8(VirtMap.DRAM + 16383)).isZero();
  }

  private static GuestMemory loaded(BootImages images) {
    GuestMemory memory = new GuestMemory();
    memory.map(VirtMap.DRAM, new RamBlock("ram", HostMapping.allocate("ram", 16 * MIB)), true);
    images.load(memory, new RamBlock("rom", HostMapping.allocate("rom", VirtMap.MROM_SIZE)));
    return memory;
  }

  @Test
  void aFlatKernelWithoutFirmwareLiesAtTheStartOfRam() throws IOException {
    BootImages images = plan(16 * MIB, null, file("flat", filled(64, 1)), null);
    assertThat(problems).isEmpty();
    assertThat(images.startAddress()).isEqualTo(0x80000000L);
  }

  @Test
  void everyProblemIsReportedInWords() throws IOException {
    plan(256 * MIB, folder.resolve("nowhere"), file("k.gz", new byte[] {0x1f, (byte) 0x8b}), null);
    assertThat(problems)
        .anySatisfy(p -> assertThat(p).contains("-bios").contains("no such file"))
        .anySatisfy(p -> assertThat(p).contains("-kernel").contains("gunzip"));
    problems.clear();
    plan(256 * MIB, null, null, null);
    assertThat(problems).singleElement().asString().contains("nothing to start");
  }

  @Test
  void tooLittleMemoryAndOverlapsAreReportedWithAddresses() throws IOException {
    plan(
        16 * MIB,
        file("fw", filled(64, 1)),
        file("Image", linux(4096, 20 * MIB)),
        file("initrd", filled(4096, 1)));
    assertThat(problems)
        .anySatisfy(p -> assertThat(p).contains("-kernel").contains("0x80200000").contains("-m"))
        .anySatisfy(p -> assertThat(p).contains("-initrd"));
    problems.clear();
    plan(
        16 * MIB,
        file("fw2", filled(4096, 1)),
        file("k", elf(0x80000000L, 0x80000000L, filled(8, 1), 8)),
        null);
    assertThat(problems).singleElement().asString().contains("overlap");
  }

  @Test
  void anElfSegmentBeyondAllMemoryIsRefusedInWords() {
    byte[] elf = elf(0x80000000L, Long.MAX_VALUE - 15, new byte[16], 64);
    assertThatThrownBy(() -> BootImage.elf(ByteBuffer.wrap(elf)))
        .isInstanceOf(BootImage.BadImage.class)
        .hasMessageContaining("beyond all memory");
  }

  @Property(tries = 500)
  void noElfHeaderBreaksTheLoader(@ForAll @IntRange(max = 119) int at, @ForAll byte value) {
    byte[] elf = elf(0x80000000L, 0x80000000L, new byte[16], 64);
    elf[at] = value;
    try {
      BootImage image = BootImage.elf(ByteBuffer.wrap(elf));
      assertThat(image.segments()).isNotEmpty();
    } catch (BootImage.BadImage e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }
}
