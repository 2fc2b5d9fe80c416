package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Kernel and firmware files: ELF, Linux images, anything. */
class BootImageFuzzTest {
  private static final long BYTES = 16 << 20;

  static Stream<byte[]> seeds() {
    ByteBuffer elf = ByteBuffer.allocate(64 + 56 + 16).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    elf.putShort(16, (short) 2).putShort(18, (short) 243).putLong(24, 0x8000_0000L);
    elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 1);
    elf.putInt(64, 1).putLong(72, 120).putLong(80, 0x8000_0000L).putLong(88, 0x8000_0000L);
    elf.putLong(96, 16).putLong(104, 32);
    ByteBuffer linux = ByteBuffer.allocate(80).order(ByteOrder.LITTLE_ENDIAN);
    linux.putLong(16, 1 << 20).putInt(56, 0x0543_5352);
    byte[] beyond = elf.array().clone();
    ByteBuffer.wrap(beyond).order(ByteOrder.LITTLE_ENDIAN).putLong(88, Long.MAX_VALUE - 15);
    return Stream.of(elf.array(), beyond, linux.array(), new byte[0]);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void images(byte[] file) throws Exception {
    Bounds.hold(
        BYTES,
        () -> {
          try {
            ByteBuffer all = ByteBuffer.wrap(file);
            check(
                BootImage.isElf(all) ? BootImage.elf(all) : BootImage.kernel(all, 0x8020_0000L),
                file.length);
          } catch (BootImage.BadImage e) {
            assertThat(e.getMessage()).isNotBlank();
          }
        });
  }

  private static void check(BootImage image, int length) {
    for (BootImage.Segment segment : image.segments()) {
      assertThat(segment.content().remaining()).isLessThanOrEqualTo(length);
      assertThat(segment.memoryBytes()).isGreaterThanOrEqualTo(segment.content().remaining());
      assertThat(image.end() - segment.address()).isGreaterThanOrEqualTo(0);
    }
  }
}
