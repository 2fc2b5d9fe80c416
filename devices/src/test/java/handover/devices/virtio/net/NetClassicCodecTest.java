package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.QtestProcess;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetClassicCodecTest {
  /** What QEMU offers on a wire without vnet headers, and we do too. */
  private static final long COMMON =
      NetFeatures.MAC
          | NetFeatures.STATUS
          | NetFeatures.MRG_RXBUF
          | NetFeatures.CTRL_VQ
          | NetFeatures.CTRL_RX
          | NetFeatures.CTRL_RX_EXTRA
          | NetFeatures.CTRL_VLAN
          | NetFeatures.CTRL_MAC_ADDR
          | NetFeatures.GUEST_ANNOUNCE;

  @ParameterizedTest
  @CsvSource({
    "true, false, off",
    "false, false, off",
    "true, true, off",
    "false, true, off",
    "false, false, on",
    "false, true, on"
  })
  void aSectionIsQemusByteForByte(
      boolean legacy, boolean configured, String packed, @TempDir Path folder) throws IOException {
    QtestProcess.require();
    String options = ",mac=52:54:00:aa:bb:cc,packed=" + packed;
    try (QemuMachine qemu = new QemuMachine(folder, legacy, options);
        OurMachine ours = new OurMachine(legacy, options)) {
      if (configured) {
        configure(new TestDriver(qemu, legacy).start(COMMON, 3));
        configure(new TestDriver(ours, legacy).start(COMMON, 3));
      }
      assertSame(ours.section(), qemu.section(ours.section().length));
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void qemusSectionLoadsAndSavesAsItWas(boolean legacy, @TempDir Path folder) throws IOException {
    QtestProcess.require();
    long features = COMMON | NetFeatures.CTRL_GUEST_OFFLOADS;
    try (QemuMachine qemu = new QemuMachine(folder, legacy, "");
        OurMachine source = new OurMachine(legacy, "");
        OurMachine ours = new OurMachine(legacy, "")) {
      configure(new TestDriver(source, legacy).start(features, 3));
      configure(new TestDriver(qemu, legacy).start(features, 3));
      byte[] theirs = qemu.section(source.section().length);
      VirtioNetState state = ours.device.blank();
      WireReader in = new WireReader(theirs);
      ours.device.declaration().load(state, in, VirtioNetState.CLASSIC_VERSION);
      assertThat(in.position()).isEqualTo(theirs.length);
      copyMemory(source, ours);
      ours.device.commit(state);
      assertSame(ours.section(), theirs);
    }
  }

  @Test
  void severalQueuePairsAreQemusToo(@TempDir Path folder) throws IOException {
    QtestProcess.require();
    try (QemuMachine qemu = new QemuMachine(folder, true, ",mq=on");
        OurMachine ours = new OurMachine(true, ",mq=on")) {
      long features = COMMON | NetFeatures.MQ;
      new TestDriver(qemu, true).start(features, 3).command(4, 0, TestDriver.little16(1));
      new TestDriver(ours, true).start(features, 3).command(4, 0, TestDriver.little16(1));
      assertSame(ours.section(), qemu.section(ours.section().length));
    }
  }

  @Test
  void hashingIsQemusToo(@TempDir Path folder) throws IOException {
    QtestProcess.require();
    String options = ",rss=on,hash=on";
    try (QemuMachine qemu = new QemuMachine(folder, false, options);
        OurMachine ours = new OurMachine(false, options)) {
      // Without a vnet header on its wire QEMU does not report hashes; the property is in both.
      long features = COMMON | NetFeatures.RSS;
      hash(new TestDriver(qemu, false).start(features, 3));
      hash(new TestDriver(ours, false).start(features, 3));
      assertSame(ours.section(), qemu.section(ours.section().length));
      for (int word = 0; word < 24; word += 4) {
        assertThat(ours.register(0x100 + word)).isEqualTo(qemu.register(0x100 + word));
      }
    }
  }

  private static void hash(TestDriver driver) {
    ByteBuffer config = ByteBuffer.allocate(8 + 8 + 3 + 40).order(ByteOrder.LITTLE_ENDIAN);
    config.putInt(0x3f).putShort((short) 3).putShort((short) 0);
    config.putLong(0).putShort((short) 1).put((byte) 40);
    for (int i = 0; i < 40; i++) {
      config.put((byte) (i * 7));
    }
    assertThat(driver.command(4, 1, config.array())).isZero();
  }

  @Property(tries = 300)
  void damagedSectionsAreRefusedOrLoadedNeverAnythingElse(
      @ForAll @IntRange(max = 5000) int position, @ForAll byte value) {
    try (OurMachine ours = new OurMachine(true, "")) {
      byte[] section = ours.section();
      section[position % section.length] = value;
      VirtioNetState state = ours.device.blank();
      try {
        ours.device.declaration().load(state, new WireReader(section), 11);
        ours.device.commit(state);
      } catch (StreamException refused) {
        assertThat(refused).hasMessageMatching("(?s).{20,}");
      }
    }
  }

  private static void configure(TestDriver driver) {
    assertThat(driver.command(0, 0, (byte) 0)).isZero();
    assertThat(driver.command(0, 1, (byte) 1)).isZero();
    assertThat(driver.command(0, 3, (byte) 1)).isZero();
    assertThat(driver.command(1, 1, HexFormat.of().parseHex("525400010203"))).isZero();
    ByteBuffer table = ByteBuffer.allocate(8 + 18).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(2).put(HexFormat.of().parseHex("525400000001525400000002"));
    table.putInt(1).put(HexFormat.of().parseHex("333300000001"));
    assertThat(driver.command(1, 0, table.array())).isZero();
    assertThat(driver.command(2, 0, TestDriver.little16(7))).isZero();
    assertThat(driver.command(2, 0, TestDriver.little16(4095))).isZero();
    assertThat(driver.command(2, 0, TestDriver.little16(100))).isZero();
    assertThat(driver.command(2, 1, TestDriver.little16(100))).isZero();
    assertThat(driver.command(7, 7)).isOne();
  }

  private static void copyMemory(OurMachine from, OurMachine to) {
    byte[] all = new byte[16 << 20];
    from.memory.read(TestMachine.RAM, all, 0, all.length);
    to.write(TestMachine.RAM, all);
  }

  private static void assertSame(byte[] ours, byte[] theirs) {
    HexFormat hex = HexFormat.ofDelimiter(" ");
    int first = java.util.Arrays.mismatch(ours, theirs);
    if (first >= 0) {
      int from = Math.max(0, first - 8);
      throw new AssertionError(
          "sections of %d and QEMU's %d bytes differ at %d:%nours %s%nQEMU %s"
              .formatted(
                  ours.length,
                  theirs.length,
                  first,
                  hex.formatHex(ours, from, Math.min(ours.length, first + 24)),
                  hex.formatHex(theirs, from, Math.min(theirs.length, first + 24))));
    }
  }
}
