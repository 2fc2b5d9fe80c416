package handover.devices.virtio.block;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.Saving;
import handover.devices.virtio.TestGuest;
import handover.devices.virtio.TestRing;
import handover.devices.virtio.TestRing.Piece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

class VirtioBlockTest {
  private static final int SECTORS = 2048;

  @TempDir Path folder;
  private Path disk;
  private final TestGuest guest = new TestGuest();

  @BeforeEach
  void makeDisk() throws IOException {
    disk = folder.resolve("disk.img");
    Files.write(disk, new byte[SECTORS * 512]);
  }

  private VirtioBlock device(boolean readOnly) throws IOException {
    RawImage image = RawImage.open("d", disk, readOnly);
    return VirtioBlock.create(
            Map.of("drive", "d", "serial", "HO-42"),
            id -> Optional.of(image).filter(i -> i.id().equals(id)),
            guest.memory(),
            Assertions::fail)
        .orElseThrow();
  }

  private VirtioBlock start(boolean readOnly) throws IOException {
    VirtioBlock device = device(readOnly);
    guest.plug(device, false).start(-1L, 64);
    return device;
  }

  private static byte[] header(int type, long sector) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(type)
        .putInt(0)
        .putLong(sector)
        .array();
  }

  private static byte[] segment(long sector, int count, int flags) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(sector)
        .putInt(count)
        .putInt(flags)
        .array();
  }

  private TestRing.Used request(Piece... pieces) {
    guest.ring(0).add(pieces);
    guest.kick(0);
    return guest.ring(0).await();
  }

  private int status(Piece... pieces) {
    byte[] bytes = request(pieces).bytes();
    return bytes[bytes.length - 1];
  }

  @Test
  void whatIsWrittenIsReadBackAndIsInTheFile() throws IOException {
    start(false);
    byte[] data = new byte[300 * 512];
    new Random(1).nextBytes(data);
    assertThat(
            status(
                Piece.out(header(1, 7)),
                Piece.out(Arrays.copyOf(data, 512)),
                Piece.out(Arrays.copyOfRange(data, 512, data.length)),
                Piece.in(1)))
        .isZero();
    TestRing.Used read =
        request(Piece.out(header(0, 7)), Piece.in(1024), Piece.in(data.length - 1024), Piece.in(1));
    assertThat(read.length()).isEqualTo(data.length + 1);
    assertThat(Arrays.copyOf(read.bytes(), data.length)).isEqualTo(data);
    assertThat(Arrays.copyOfRange(Files.readAllBytes(disk), 7 * 512, 7 * 512 + data.length))
        .isEqualTo(data);
    assertThat(status(Piece.out(header(4, 0)), Piece.in(1))).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "2047, 1024", // one sector past the end
    "2048, 512",
    "-1, 512",
    "36028797018963967, 512", // times 512 overflows
    "0, 511", // not whole sectors
  })
  void requestsOutsideTheDiskFail(long sector, int length) throws IOException {
    start(false);
    assertThat(status(Piece.out(header(0, sector)), Piece.in(length), Piece.in(1))).isEqualTo(1);
    assertThat(status(Piece.out(header(1, sector)), Piece.out(new byte[length]), Piece.in(1)))
        .isEqualTo(1);
    assertThat(Files.size(disk)).isEqualTo(SECTORS * 512L);
  }

  @Test
  void aReadOnlyDiskSaysSoAndRefusesWrites() throws IOException {
    VirtioBlock device = start(true);
    assertThat(device.hostFeatures() & BlockFeatures.RO).isNotZero();
    assertThat(status(Piece.out(header(1, 0)), Piece.out(new byte[512]), Piece.in(1))).isEqualTo(1);
    assertThat(status(Piece.out(header(0, 0)), Piece.in(512), Piece.in(1))).isZero();
  }

  @Test
  void theSerialNumberIsTold() throws IOException {
    start(false);
    byte[] answer = request(Piece.out(header(8, 0)), Piece.in(20), Piece.in(1)).bytes();
    assertThat(new String(answer, 0, 5, StandardCharsets.US_ASCII)).isEqualTo("HO-42");
    assertThat(answer[20]).isZero();
  }

  @Test
  void zeroesAreWrittenAndDiscardIsAHint() throws IOException {
    start(false);
    byte[] ones = new byte[4 * 512];
    Arrays.fill(ones, (byte) 1);
    status(Piece.out(header(1, 0)), Piece.out(ones), Piece.in(1));
    assertThat(status(Piece.out(header(13, 0)), Piece.out(segment(1, 2, 1)), Piece.in(1))).isZero();
    byte[] file = Files.readAllBytes(disk);
    assertThat(file[511]).isEqualTo((byte) 1);
    assertThat(Arrays.copyOfRange(file, 512, 1536)).isEqualTo(new byte[1024]);
    assertThat(file[1536]).isEqualTo((byte) 1);
    assertThat(status(Piece.out(header(11, 0)), Piece.out(segment(0, 1, 0)), Piece.in(1))).isZero();
    assertThat(status(Piece.out(header(11, 0)), Piece.out(segment(2047, 2, 0)), Piece.in(1)))
        .isEqualTo(1);
    assertThat(status(Piece.out(header(13, 0)), Piece.out(segment(0, -1, 0)), Piece.in(1)))
        .isEqualTo(1);
    assertThat(status(Piece.out(header(13, 0)), Piece.out(segment(0, 1, 2)), Piece.in(1)))
        .isEqualTo(2);
  }

  @Test
  void unknownRequestsAreUnsupported() throws IOException {
    start(false);
    assertThat(status(Piece.out(header(99, 0)), Piece.in(1))).isEqualTo(2);
  }

  @Test
  void aRequestWithoutRoomForItsStatusStopsTheDevice() throws IOException {
    start(false);
    guest.ring(0).add(Piece.out(header(4, 0)));
    guest.kick(0);
    guest.awaitNeedsReset();
  }

  @Test
  void aFileThatVanishesUnderTheDeviceMakesIoErrors() throws IOException {
    VirtioBlock device = start(false);
    device.image().close();
    assertThat(status(Piece.out(header(0, 0)), Piece.in(512), Piece.in(1))).isEqualTo(1);
  }

  @Test
  void theCacheModeIsWritableAndMoves() throws IOException {
    VirtioBlock device = start(false);
    long generation = device.generation();
    assertThat(guest.config(32, 1)).containsExactly(1);
    guest.mmio().store(0x100 + 32, 1, 0);
    assertThat(guest.config(32, 1)).containsExactly(0);
    assertThat(device.generation()).isGreaterThan(generation);
    device.pause();
    VirtioBlock other = device(false);
    new TestGuest(guest.memory()).plug(other, false);
    other.commit(Saving.throughGroups(device, other));
    assertThat(Saving.classic(other)).isEqualTo(Saving.classic(device));
    other.commit(Saving.fromClassic(other, Saving.classic(device)));
    assertThat(Saving.classic(other)).isEqualTo(Saving.classic(device));
  }

  @Test
  void manyRequestsAtOnceAreAllServedAndNoneIsInFlightWhenPaused() throws IOException {
    VirtioBlock device = start(false);
    for (int i = 0; i < 20; i++) {
      guest.ring(0).add(Piece.out(header(0, i)), Piece.in(512), Piece.in(1));
    }
    guest.kick(0);
    device.pause();
    VirtioBlock other = device(false);
    TestGuest elsewhere = new TestGuest(guest.memory()).plug(other, false).adoptRings(guest);
    other.commit(Saving.throughGroups(device, other));
    other.resume();
    for (int i = 0; i < 20; i++) {
      assertThat(elsewhere.ring(0).await().length()).isEqualTo(513);
    }
  }

  @Test
  void everyProblemOfTheCommandLineIsTold() {
    List<String> problems = new ArrayList<>();
    assertThat(
            VirtioBlock.create(
                Map.of("drive", "x", "serial", "A".repeat(21), "siz", "1"),
                id -> Optional.empty(),
                guest.memory(),
                problems::add))
        .isEmpty();
    assertThat(problems).hasSize(3);
  }
}
