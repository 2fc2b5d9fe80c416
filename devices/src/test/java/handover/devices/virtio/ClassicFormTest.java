package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.CharacterBackend;
import handover.devices.virtio.TestRing.Piece;
import handover.devices.virtio.block.RawImage;
import handover.devices.virtio.block.VirtioBlock;
import handover.devices.virtio.console.SerialPort;
import handover.devices.virtio.console.VirtioConsole;
import handover.devices.virtio.entropy.VirtioEntropy;
import handover.vmstate.StreamException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The classic form against what QEMU itself wrote of the same devices in the same state. */
class ClassicFormTest {
  private static final long RING = Features.RING_INDIRECT_DESC | Features.RING_EVENT_IDX;
  private static final long BLOCK = 1 << 2 | 1 << 6 | 1 << 9;

  @TempDir Path folder;
  private RawImage image;

  @BeforeEach
  void openDisk() throws IOException {
    Path disk = folder.resolve("disk.img");
    Files.write(disk, new byte[1 << 20]);
    image = RawImage.open("d", disk, false);
  }

  private VirtioDevice<?> device(String kind, TestGuest guest) {
    Optional<? extends VirtioDevice<?>> made =
        kind.equals("rng")
            ? VirtioEntropy.create(Map.of(), guest.memory(), Assertions::fail)
            : VirtioBlock.create(
                Map.of("drive", "d"), id -> Optional.of(image), guest.memory(), Assertions::fail);
    return made.orElseThrow();
  }

  private VirtioDevice<?> walked(String kind, boolean legacy) {
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device(kind, guest);
    guest.plug(device, legacy).start(RING | (kind.equals("blk") ? BLOCK : 0), 16);
    if (kind.equals("blk")) {
      guest.ring(0).add(Piece.out(new byte[16]), Piece.in(512), Piece.in(1));
    } else {
      guest.ring(0).add(Piece.in(64));
    }
    guest.kick(0);
    guest.ring(0).await();
    device.pause();
    return device;
  }

  @ParameterizedTest
  @CsvSource({"rng,legacy", "rng,modern", "blk,legacy", "blk,modern"})
  void savesByteForByteWhatQemuSaves(String kind, String transport) {
    byte[] ours = Saving.classic(walked(kind, transport.equals("legacy")));
    assertThat(ours).isEqualTo(RecordedSection.bytes("qemu-virtio-" + kind + "-" + transport));
  }

  @ParameterizedTest
  @CsvSource({"rng,legacy", "rng,modern", "blk,legacy", "blk,modern"})
  void loadsWhatQemuSavedAndSavesTheSameAgain(String kind, String transport) {
    byte[] recorded = RecordedSection.bytes("qemu-virtio-" + kind + "-" + transport);
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device(kind, guest);
    guest.plug(device, transport.equals("legacy"));
    // The guest's memory came along: one chain was made available and used.
    guest.memory().storeU16(0x8010_0102L, 1);
    guest.memory().storeU16(0x8010_1002L, 1);
    commitClassic(device, recorded);
    assertThat(Saving.classic(device)).isEqualTo(recorded);
    assertThat(guest.line()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "rng,legacy,81",
    "rng,modern,44191",
    "blk,legacy,139",
    "blk,modern,44249",
  })
  void anUntouchedDeviceIsAsLongAsQemus(String kind, String transport, int length) {
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device(kind, guest);
    guest.plug(device, transport.equals("legacy"));
    assertThat(Saving.classic(device)).hasSize(length);
    assertThat(device.sectionName()).isEqualTo("virtio-mmio@0000000010008000/virtio-" + kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rng", "blk"})
  void legacyAndModernRefuseEachOther(String kind) {
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device(kind, guest);
    guest.plug(device, true);
    byte[] modern = RecordedSection.bytes("qemu-virtio-" + kind + "-modern");
    assertThatThrownBy(() -> commitClassic(device, modern)).isInstanceOf(StreamException.class);
  }

  @Test
  void indicesThatDoNotFitTheRingAreRefusedInWords() {
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device("rng", guest);
    guest.plug(device, false);
    guest.memory().storeU16(0x8010_0102L, 0x4000);
    byte[] recorded = RecordedSection.bytes("qemu-virtio-rng-modern");
    assertThatThrownBy(() -> commitClassic(device, recorded))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("queue 0")
        .hasMessageContaining("last_avail_idx 0x1")
        .hasMessageContaining("0x4000");
    assertThat(guest.read(MmioRegister.STATUS)).isZero();
  }

  /** Whatever the bytes say, the answer is a StreamException or a device that works on. */
  @ParameterizedTest
  @CsvSource({"rng,legacy", "rng,modern", "blk,legacy", "blk,modern"})
  void damagedSectionsDoNoHarm(String kind, String transport) {
    byte[] recorded = RecordedSection.bytes("qemu-virtio-" + kind + "-" + transport);
    TestGuest guest = new TestGuest();
    VirtioDevice<?> device = device(kind, guest);
    guest.plug(device, transport.equals("legacy"));
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      byte[] damaged = recorded.clone();
      int bound = random.nextBoolean() ? 0x100 : damaged.length;
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        damaged[random.nextInt(bound)] = (byte) random.nextInt();
      }
      try {
        commitClassic(device, damaged);
        device.resume();
        guest.kick(0);
        device.pause();
      } catch (StreamException expected) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
    device.reset();
    device.resume();
    guest.start(RING, 16);
    assertThat(guest.read(MmioRegister.STATUS) & DeviceStatus.DRIVER_OK).isNotZero();
  }

  private static <S extends VirtioState> void commitClassic(
      VirtioDevice<S> device, byte[] section) {
    device.commit(Saving.fromClassic(device, section));
  }

  /** Before any driver. Nobody has read configuration space there, so that it is still zero. */
  @ParameterizedTest
  @ValueSource(strings = {"legacy", "modern"})
  void savesAConsoleByteForByteAsQemuDoes(String transport) {
    TestGuest guest = new TestGuest();
    List<SerialPort> ports =
        List.of(
            new SerialPort(0, true, "", CharacterBackend.none()),
            new SerialPort(1, true, "", CharacterBackend.none()));
    VirtioConsole device =
        VirtioConsole.create(Map.of(), ports, guest.memory(), Assertions::fail).orElseThrow();
    guest.plug(device, transport.equals("legacy"));
    byte[] recorded = RecordedSection.bytes("qemu-virtio-console-" + transport);
    byte[] ours = Saving.classic(device);
    assertThat(ours).hasSameSizeAs(recorded);
    int config = Arrays.mismatch(ours, recorded);
    assertThat(ours[config]).as("most ports, at byte %d", config).isEqualTo((byte) 31);
    recorded[config] = 31;
    assertThat(ours).isEqualTo(recorded);
    device.commit(Saving.fromClassic(device, recorded));
    assertThat(Saving.classic(device)).isEqualTo(recorded);
  }
}
