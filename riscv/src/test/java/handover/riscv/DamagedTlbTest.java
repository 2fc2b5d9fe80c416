package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.memory.HostMapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Wrong addends, put into the translation cache on purpose. Guest memory lies between two pieces of
 * host memory that the guest must not reach.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DamagedTlbTest {
  private static final int RAM_BYTES = 4 << 20;
  private static final byte GUARD = 0x5a;
  private static final long DATA = TestMachine.RAM + 0x20_0000;
  private static final int ADDEND = Tlb.index(DATA) + Tlb.ADDEND;
  private static final int ADDRESS = 10;
  private static final int VALUE = 11;
  private static final int EXIT = 5;

  private final MemorySegment host =
      HostMapping.allocate("guarded", 3 * RAM_BYTES).segment().fill(GUARD);
  private final MemorySegment ram = host.asSlice(RAM_BYTES, RAM_BYTES).fill((byte) 0);

  static List<Acceleration> accelerations() {
    return List.of(Acceleration.INTERPRETER, Acceleration.EAGER, Acceleration.EAGER_LOCKSTEP);
  }

  /** Every instruction that goes through the cache. */
  private static Map<String, Integer> accesses() {
    Map<String, Integer> all = new TreeMap<>();
    for (int width = 0; width < 4; width++) {
      all.put("l" + (8 << width), MachineCode.i(0x03, width, VALUE, ADDRESS, 0));
      all.put("s" + (8 << width), MachineCode.s(0x23, width, ADDRESS, VALUE, 0));
    }
    for (int width = 0; width < 3; width++) {
      all.put("lu" + (8 << width), MachineCode.i(0x03, width + 4, VALUE, ADDRESS, 0));
    }
    all.put("fld", MachineCode.fld(1, ADDRESS, 0));
    all.put("flw", MachineCode.i(0x07, 2, 1, ADDRESS, 0));
    all.put("fsd", MachineCode.fsd(1, ADDRESS, 0));
    all.put("fsw", MachineCode.s(0x27, 2, ADDRESS, 1, 0));
    all.put("lr.w", MachineCode.r(0x2f, 2, 2 << 2, VALUE, ADDRESS, 0));
    all.put("amoadd.w", MachineCode.r(0x2f, 2, 0, 0, ADDRESS, VALUE));
    all.put("amoswap.d", MachineCode.r(0x2f, 3, 1 << 2, 0, ADDRESS, VALUE));
    return all;
  }

  /** Right but for one bit, by a page or by all of memory, nothing at all, and anything. */
  private static List<Long> wrong(long right) {
    List<Long> addends = new ArrayList<>(List.of(0L, -right, Long.MIN_VALUE, Long.MAX_VALUE));
    Stream.of(4096L, (long) RAM_BYTES, 2L * RAM_BYTES)
        .forEach(distance -> addends.addAll(List.of(right + distance, right - distance)));
    for (int bit = 12; bit < Long.SIZE; bit++) {
      addends.add(right ^ 1L << bit);
    }
    new Random(1).longs(20).forEach(addends::add);
    return addends;
  }

  /** A guest that makes one access over and over; its page is in the cache. */
  private TestMachine running(int access, Acceleration acceleration) {
    TestMachine machine =
        new TestMachine(1, CpuFeatures.defaults(), HostMapping.of(ram), acceleration);
    ByteBuffer bytes = ByteBuffer.allocate(64);
    MachineCode code = new MachineCode(bytes, TestMachine.RAM);
    code.loadImmediate(7, 0x6000).emit(MachineCode.csr(MachineCode.CSRRS, 0, 0x300, 7));
    code.loadAddress(ADDRESS, DATA).loadImmediate(VALUE, 0x77).loadImmediate(EXIT, 0x10_0000);
    long loop = code.here();
    code.emit(access).emit(MachineCode.sd(0, EXIT, 0));
    code.emit(MachineCode.jal(0, (int) (loop - code.here())));
    machine.place(bytes.array());
    machine.run();
    return machine;
  }

  /** Those of machine mode come first. */
  private static long[] entriesOf(TestMachine machine) {
    return machine.hart().mmu().dataTlb();
  }

  private byte[] outside() {
    byte[] before = host.asSlice(0, RAM_BYTES).toArray(ValueLayout.JAVA_BYTE);
    byte[] after = host.asSlice(2L * RAM_BYTES).toArray(ValueLayout.JAVA_BYTE);
    return ByteBuffer.allocate(2 * RAM_BYTES).put(before).put(after).array();
  }

  @ParameterizedTest
  @MethodSource("accelerations")
  void aWrongAddendEndsTheHartBeforeItTouchesAnything(Acceleration acceleration) {
    accesses()
        .forEach(
            (name, access) -> {
              TestMachine machine = running(access, acceleration);
              long[] entries = entriesOf(machine);
              long right = entries[ADDEND];
              assertThat(right).as(name).isEqualTo(ram.address() - TestMachine.RAM);
              for (long wrong : wrong(right)) {
                entries[ADDEND] = wrong;
                assertThatThrownBy(machine::run)
                    .as("%s, addend 0x%x for 0x%x", name, wrong, right)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("the translation cache is damaged");
                assertThat(machine.hart().register(VALUE) & 0xff).as(name).isNotEqualTo(GUARD);
              }
              entries[ADDEND] = right;
              assertThat(machine.run()).as("%s goes on when it is right again", name).isZero();
            });
    assertThat(outside()).containsOnly(GUARD);
  }

  /** What cannot be told from a right one leads to another byte of the same page. */
  @Test
  void anAddendThatIsWrongWithinThePageStaysInIt() {
    int store = accesses().get("s8");
    TestMachine machine = running(store, Acceleration.INTERPRETER);
    long[] entries = entriesOf(machine);
    long right = entries[ADDEND];
    for (int bit = 0; bit < 12; bit++) {
      entries[ADDEND] = right ^ 1L << bit;
      machine.run();
    }
    long page = DATA - TestMachine.RAM;
    ram.asSlice(page, 4096).fill((byte) 0);
    assertThat(ram.asSlice(4096).mismatch(MemorySegment.ofArray(new byte[RAM_BYTES - 4096])))
        .as("where anything but the page was written")
        .isEqualTo(-1);
    assertThat(outside()).containsOnly(GUARD);
  }

  /** There is no other way into the cache, and it names memory, not an address. */
  @Test
  void onlyWholePagesOfMemoryGoIntoTheCache() {
    Tlb tlb = new Tlb(Tlb.words(), 0);
    for (long offset : new long[] {-1, -4096, RAM_BYTES, RAM_BYTES - 4095, Long.MIN_VALUE}) {
      assertThatThrownBy(() -> tlb.fill(DATA, ram, offset, true, true))
          .as("offset %d", offset)
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThatThrownBy(() -> tlb.fill(DATA, ram, 8, true, true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not page-aligned");
    tlb.verify(DATA);
  }
}
