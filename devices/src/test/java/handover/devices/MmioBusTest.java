package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class MmioBusTest {
  private record Probe(String name, long size, List<String> seen) implements MmioDevice {
    @Override
    public long load(long offset, int bytes) {
      seen.add("load %x %d".formatted(offset, bytes));
      return 42;
    }

    @Override
    public void store(long offset, int bytes, long value) {
      seen.add("store %x %d %x".formatted(offset, bytes, value));
    }
  }

  private static Probe probe(String name, long size) {
    return new Probe(name, size, new ArrayList<>());
  }

  @Test
  void anAccessReachesItsDeviceWithAnOffset() {
    MmioBus bus = new MmioBus();
    Probe device = probe("d", 0x1000);
    bus.map(0x10000, device);
    MmioBus.Mapping found = bus.find(0x10ff8, 8);
    assertThat(found.load(0x10ff8, 8)).isEqualTo(42);
    found.store(0x10ff8, 8, 0xab);
    assertThat(device.seen()).containsExactly("load ff8 8", "store ff8 8 ab");
  }

  @Test
  void holesMisalignmentAndOverhangsAreNobodys() {
    MmioBus bus = new MmioBus();
    bus.map(0x10000, probe("small", 0x14));
    assertThat(bus.find(0x10010, 4)).isNotNull();
    assertThat(bus.find(0x10010, 8)).as("runs past the end").isNull();
    assertThat(bus.find(0x10002, 4)).as("misaligned").isNull();
    assertThat(bus.find(0xfff8, 8)).as("below").isNull();
    assertThat(bus.find(-8, 8)).as("top of the address space").isNull();
    assertThat(bus.find(0x10000 + 0x14, 1)).as("behind").isNull();
  }

  @Test
  void overlapsAreRefusedByName() {
    MmioBus bus = new MmioBus();
    bus.map(0x1000, probe("first", 0x1000));
    assertThatThrownBy(() -> bus.map(0x1ff8, probe("second", 0x100)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("second at 0x1ff8 overlaps first at 0x1000");
  }

  @Property
  void searchAgreesWithALinearScan(
      @ForAll @LongRange(max = 0x9000) long address, @ForAll @IntRange(max = 3) int log) {
    MmioBus bus = new MmioBus();
    for (long base : new long[] {0x5000, 0x1000, 0x8000, 0x2000}) {
      bus.map(base, probe("at" + base, 0x800));
    }
    int bytes = 1 << log;
    bus.find(0x1000, 1);
    MmioBus.Mapping expected =
        (address & (bytes - 1)) != 0
            ? null
            : bus.mappings().stream()
                .filter(m -> address >= m.base() && address + bytes <= m.base() + m.size())
                .findFirst()
                .orElse(null);
    assertThat(bus.find(address, bytes)).isEqualTo(expected);
  }
}
