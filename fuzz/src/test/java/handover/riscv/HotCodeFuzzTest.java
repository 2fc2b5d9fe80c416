package handover.riscv;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import handover.memory.GuestMemory;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Where a guest is said to be hot: refused, or translated without harm from whatever lies there.
 */
class HotCodeFuzzTest {
  private static final long RAM = 0x8000_0000L;
  private static final long BYTES = 64 << 20;
  private static final GuestMemory MEMORY = new GuestMemory();

  static {
    MEMORY.map(RAM, new RamBlock("fuzz", HostMapping.allocate("fuzz", 1 << 16)), true);
    for (int i = 0; i < 1 << 16; i += 4) {
      MEMORY.storeU32(RAM + i, 0x9e37_79b9 * i | 3);
    }
  }

  static Stream<byte[]> seeds() {
    long[] executed = new long[32];
    executed[0] = 0x5555;
    return Stream.of(
        new HotCode(List.of(), List.of()).encode(),
        new HotCode(
                List.of(new HotCode.Page(RAM, executed)),
                List.of(new HotCode.Place(4, new int[] {-1, -1, -1, 0, -1, -1, -1}, 7)))
            .encode());
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void hotCode(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> warmUp(input));
  }

  private static void warmUp(byte[] input) {
    CodeCache cache = new CodeCache(MEMORY, CpuFeatures.defaults());
    Translator translator = new Translator(cache, Acceleration.TRANSLATOR, () -> true);
    try {
      new Warmth(cache, translator).prepare(HotCode.decode(new WireReader(input)), () -> false);
    } catch (StreamException e) {
      // It says so.
    }
  }
}
