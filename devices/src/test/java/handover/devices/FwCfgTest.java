package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class FwCfgTest {
  private static final long RAM = 0x80000000L;
  private static final long REQUEST = RAM + 0x100;
  private static final long BUFFER = RAM + 0x1000;

  /** One for all tries of a property: host memory lives as long as the process. */
  private static final RamBlock BLOCK = new RamBlock("ram", HostMapping.allocate("ram", 0x4000));

  private final GuestMemory memory = new GuestMemory();
  private final FwCfg device = new FwCfg(memory);

  FwCfgTest() {
    memory.map(RAM, BLOCK, true);
  }

  private void select(int key) {
    device.store(8, 2, Short.toUnsignedInt(Short.reverseBytes((short) key)));
  }

  private String read(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append((char) device.load(0, 1));
    }
    return text.toString();
  }

  private int dma(int control, long length, long address) {
    memory.storeU32(REQUEST, Integer.reverseBytes(control));
    memory.storeU32(REQUEST + 4, Integer.reverseBytes((int) length));
    memory.storeU64(REQUEST + 8, Long.reverseBytes(address));
    device.store(16, 4, Integer.reverseBytes((int) (REQUEST >>> 32)) & 0xffff_ffffL);
    device.store(20, 4, Integer.reverseBytes((int) REQUEST) & 0xffff_ffffL);
    return Integer.reverseBytes(memory.loadU32(REQUEST));
  }

  @Test
  void signsItselfAndOffersDma() {
    select(FwCfg.SIGNATURE);
    assertThat(read(6)).isEqualTo("QEMU\0\0");
    select(FwCfg.ID);
    assertThat(device.load(0, 4)).isEqualTo(3);
    assertThat(Long.reverseBytes(device.load(16, 8))).isEqualTo(0x51454d5520434647L);
    assertThat(device.load(16, 1)).isEqualTo('Q');
    assertThat(device.load(20, 4)).isEqualTo(0x47464320);
  }

  @Test
  void listsFilesAndReadsThem() {
    device.file("opt/greeting", "hello".getBytes(StandardCharsets.UTF_8));
    select(FwCfg.FILE_DIRECTORY);
    assertThat(read(4)).isEqualTo("\0\0\0\1");
    assertThat(read(8)).isEqualTo("\0\0\0\5\0\40\0\0");
    assertThat(read(13)).isEqualTo("opt/greeting\0");
    select(0x20);
    assertThat(device.load(0, 4)).as("bytes in memory order").isEqualTo(0x6c6c6568);
    assertThat(read(2)).isEqualTo("o\0");
    assertThatThrownBy(() -> device.file("opt/greeting", new byte[1]))
        .hasMessageContaining("opt/greeting");
  }

  @Test
  void dmaSelectsSkipsAndReadsPastTheEndAsZeros() {
    device.file("f", "abcdef".getBytes(StandardCharsets.UTF_8));
    memory.storeU64(BUFFER, -1);
    assertThat(dma(0x20 << 16 | 8 | 4, 2, 0)).isZero();
    assertThat(dma(2, 8, BUFFER)).isZero();
    byte[] got = new byte[8];
    memory.read(BUFFER, got, 0, 8);
    assertThat(new String(got, StandardCharsets.UTF_8)).isEqualTo("cdef\0\0\0\0");
  }

  @Test
  void dmaOutsideRamOrForWritingEndsWithTheErrorBit() {
    select(0);
    assertThat(dma(2, 8, 0x1000)).isEqualTo(1);
    assertThat(dma(2, 0xffff_ffffL, BUFFER)).isEqualTo(1);
    assertThat(dma(2, 8, RAM + 0x4000 - 4)).isEqualTo(1);
    assertThat(dma(16, 4, BUFFER)).isEqualTo(1);
  }

  @Property(tries = 300)
  void noRequestAddressBreaksTheDevice(@ForAll long address, @ForAll long value) {
    device.store(16, 8, address);
    device.store(16, 8, Long.reverseBytes(REQUEST));
    memory.storeU64(REQUEST, value);
    memory.storeU64(REQUEST + 8, address);
    device.store(16, 8, Long.reverseBytes(REQUEST));
    assertThat(device.load(16, 1)).isEqualTo('Q');
  }

  @Test
  void movesItsReadPositionInSeventyFourBytes() {
    device.file("f", "abcdef".getBytes(StandardCharsets.UTF_8));
    select(0x20);
    assertThat(read(3)).isEqualTo("abc");
    byte[] payload = Wire.save(device);
    assertThat(payload).hasSize(74);
    FwCfg other = new FwCfg(memory);
    other.file("f", "abcdef".getBytes(StandardCharsets.UTF_8));
    Wire.load(other, payload);
    assertThat(other.load(0, 1)).isEqualTo('d');
  }

  @Test
  void aPositionBehindTheItemReadsAsZero() {
    FwCfgState state = device.blank();
    state.entry = 0;
    state.offset = 0xffff_ffffL;
    device.commit(state);
    assertThat(device.load(0, 8)).isZero();
    state.entry = 0x7777;
    device.commit(state);
    assertThat(device.load(0, 8)).isZero();
  }
}
