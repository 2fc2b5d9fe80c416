package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.devices.virtio.StateBytes;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A hart's state as it arrives, classic and group by group; what loads can be committed. */
class HartStateFuzzTest {
  private static final long BYTES = 32 << 20;
  private static final Hart HART = hart();

  private static Hart hart() {
    GuestMemory memory = new GuestMemory();
    memory.map(0x8000_0000L, new RamBlock("fuzz", HostMapping.allocate("fuzz", 1 << 16)), true);
    PhysicalBus nothing =
        new PhysicalBus() {
          @Override
          public long load(long address, int bytes) throws BusFault {
            throw BusFault.INSTANCE;
          }

          @Override
          public void store(long address, int bytes, long value) throws BusFault {
            throw BusFault.INSTANCE;
          }
        };
    return new Hart(0, CpuFeatures.defaults(), memory, nothing, () -> 0, new HartGroup());
  }

  static Stream<byte[]> seeds() {
    return StateBytes.seeds(HART);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void states(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> assertThat(StateBytes.load(HART, input)).isNotNull());
  }
}
