package handover.riscv;

import static handover.riscv.MachineCode.addi;
import static handover.riscv.MachineCode.b;
import static handover.riscv.MachineCode.jal;
import static handover.riscv.MachineCode.sd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A machine gets ready for a guest that is hot on another one. */
class WarmthTest {
  private static final int T0 = 5;
  private static final int A0 = 10;
  private static final int TURNS = 2_000_000;

  private final TestMachine here = machine();
  private final TestMachine there = machine();

  private static TestMachine machine() {
    return new TestMachine(1, CpuFeatures.defaults(), 16 << 20, Acceleration.TRANSLATOR);
  }

  /** Adds {@code step} to a0 many times. */
  private static void place(TestMachine machine, int step) {
    ByteBuffer bytes = ByteBuffer.allocate(64);
    MachineCode code = new MachineCode(bytes, TestMachine.RAM);
    code.loadImmediate(T0, TURNS).emit(addi(A0, A0, step)).emit(addi(T0, T0, -1));
    code.emit(b(1, T0, 0, -8)).loadImmediate(T0, (int) TestMachine.EXIT).emit(sd(A0, T0, 0));
    code.emit(jal(0, 0));
    machine.place(bytes.array());
  }

  private byte[] hot() {
    place(here, 3);
    byte[] hot = {};
    while (HotCode.decode(new WireReader(bytes(hot))).regions().isEmpty()) {
      here.hart().reset(TestMachine.RAM);
      assertThat(here.run()).isEqualTo(3L * TURNS);
      hot = here.group.hotCode();
    }
    return hot;
  }

  private static byte[] bytes(byte[] hot) {
    return hot.length == 0 ? new byte[4] : hot;
  }

  @Test
  void theSameRegionsAreMadeBeforeTheGuestRuns() {
    byte[] hot = hot();
    place(there, 3);
    there.group.warmUp(hot, () -> false);
    assertThat(there.group.hotCode().length).isEqualTo(hot.length);
    there.hart().reset(TestMachine.RAM);
    assertThat(there.run()).isEqualTo(3L * TURNS);
  }

  @Test
  void memoryThatChangedAfterwardsIsExecutedAsItIs() {
    byte[] hot = hot();
    place(there, 3);
    there.group.warmUp(hot, () -> false);
    place(there, 4);
    there.hart().reset(TestMachine.RAM);
    assertThat(there.run()).isEqualTo(4L * TURNS);
  }

  @Test
  void nothingIsDoneWhenThereIsNoTime() {
    byte[] hot = hot();
    place(there, 3);
    there.group.warmUp(hot, () -> true);
    assertThat(HotCode.decode(new WireReader(there.group.hotCode())).regions()).isEmpty();
  }

  @Test
  void whatCannotBeTrueIsRefused() {
    byte[] hot = hot();
    assertThatThrownBy(() -> there.group.warmUp(Arrays.copyOf(hot, hot.length - 1), () -> false))
        .isInstanceOf(StreamException.class);
    HotCode nowhere =
        new HotCode(List.of(new HotCode.Page(0x7_0000_0000L, new long[32])), List.of());
    assertThatThrownBy(() -> there.group.warmUp(nowhere.encode(), () -> false))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("no memory");
  }
}
