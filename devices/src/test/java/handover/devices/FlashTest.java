package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FlashTest {
  private final RamBlock block =
      new RamBlock("virt.flash0", HostMapping.allocate("flash", 32 << 20));
  private final List<Boolean> modes = new ArrayList<>();
  private final Flash flash = new Flash(0, block, modes::add);

  private void command(long offset, int octet) {
    flash.store(offset, 4, octet | octet << 16);
  }

  @Test
  void readsTheArrayUntilToldOtherwise() {
    block.segment().set(ValueLayout.JAVA_BYTE, 5, (byte) 0x77);
    assertThat(flash.load(4, 4)).isEqualTo(0x7700);
    command(0, 0x70);
    assertThat(flash.load(4, 4)).isEqualTo(0x0080_0080);
    command(0, 0xff);
    assertThat(flash.load(5, 1)).isEqualTo(0x77);
    assertThat(modes).containsExactly(false, true);
  }

  @Test
  void identifiesItselfOnBothHalvesOfTheBus() {
    command(0, 0x90);
    assertThat(flash.load(0, 4)).isEqualTo(0x0089_0089);
    assertThat(flash.load(4, 4)).isEqualTo(0x0018_0018);
    command(0x55 * 4, 0x98);
    assertThat(flash.load(0x10 * 4, 2)).isEqualTo('Q');
    assertThat(flash.load(0x11 * 4, 2)).isEqualTo('R');
    assertThat(flash.load(0x12 * 4, 2)).isEqualTo('Y');
    int eachChip = 1 << flash.load(0x27 * 4, 1);
    assertThat(eachChip).isEqualTo(16 << 20);
    long blocks = flash.load(0x2d * 4, 1) + 1;
    long blockBytes = (flash.load(0x2f * 4, 1) | flash.load(0x30 * 4, 1) << 8) * 256;
    assertThat(blocks * blockBytes).isEqualTo(eachChip);
    assertThat(flash.load(0xff * 4, 4)).as("past the table").isZero();
  }

  @Test
  void erasesOneBlockAndProgramsOnlyDownwards() {
    long at = Flash.ERASE_BLOCK + 8;
    command(at, 0x20);
    command(at, 0xd0);
    assertThat(flash.load(at, 4)).as("status").isEqualTo(0x0080_0080);
    command(at, 0x40);
    flash.store(at, 4, 0x1234_5678);
    command(at, 0x40);
    flash.store(at, 4, 0xffff_0000L);
    command(0, 0xff);
    assertThat(flash.load(at, 4)).isEqualTo(0x1234_0000);
    assertThat(flash.load(at + 4, 4)).isEqualTo(0xffff_ffffL);
    assertThat(flash.load(Flash.ERASE_BLOCK - 4, 4)).as("neighbour").isZero();
    assertThat(flash.load(2 * Flash.ERASE_BLOCK, 4)).as("neighbour").isZero();
  }

  @Test
  void programsABufferOfWords() {
    command(0, 0x20);
    command(0, 0xd0);
    command(0, 0xe8);
    command(0, 1);
    flash.store(0, 4, 0x11);
    flash.store(4, 4, 0x22);
    command(0, 0xd0);
    assertThat(flash.load(0, 1)).isEqualTo(0x80);
    command(0, 0xff);
    assertThat(flash.load(0, 8)).isEqualTo(0x22_0000_0011L);
  }

  @Test
  void anUnconfirmedEraseIsAnErrorThatCanBeCleared() {
    command(0, 0x20);
    command(0, 0x00);
    assertThat(flash.load(0, 1)).isEqualTo(0xb0);
    command(0, 0x50);
    command(0, 0x70);
    assertThat(flash.load(0, 1)).isEqualTo(0x80);
  }

  @Test
  void writesMarkTheDirtyLog() {
    block.dirtyLog().start();
    long[] first = block.dirtyLog().newBitmap();
    block.dirtyLog().collect(first);
    command(0x5000, 0x40);
    flash.store(0x5000, 4, 1);
    assertThat(block.dirtyLog().dirty(0x5000)).isTrue();
    assertThat(block.dirtyLog().dirty(0x6000)).isFalse();
    block.dirtyLog().stop();
  }

  @Test
  void movesInTheMiddleOfACommandInElevenBytes() {
    command(0, 0x90);
    byte[] payload = Wire.save(flash);
    assertThat(payload).hasSize(11);
    List<Boolean> told = new ArrayList<>();
    Flash other = new Flash(1, block, told::add);
    Wire.load(other, payload);
    assertThat(told).containsExactly(false);
    assertThat(other.load(0, 1)).isEqualTo(0x89);
    assertThat(other.instanceId()).isEqualTo(1);
    other.reset();
    assertThat(told).containsExactly(false, true);
  }
}
