package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.StreamException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A guest asks the test device for a reset or its end, and is stopped for a migration before the
 * machine's control thread could do it. The test holds the machine's monitor, so that the control
 * thread has to wait behind it.
 */
class GuestRequestAtSwitchoverTest {
  private static final int LUI_T0_TEST_DEVICE = 0x0010_02b7;
  private static final int LUI_T1 = 0x0000_0337;
  private static final int ADDI_T1_T1 = 0x0003_0313;
  private static final int SW_T1_T0 = 0x0062_a023;
  private static final int JUMP_TO_SELF = 0x0000_006f;
  private static final int RESET = 0x7777;
  private static final int POWER_OFF = 0x5555;

  @TempDir Path folder;
  private final AtomicInteger resets = new AtomicInteger();
  private final List<Instant> stops = new CopyOnWriteArrayList<>();

  private VirtualMachine machine(int request) throws IOException, MachineSpecException {
    ByteBuffer program = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    program.putInt(LUI_T0_TEST_DEVICE);
    program.putInt(LUI_T1 | request & 0xf000).putInt(ADDI_T1_T1 | (request & 0xfff) << 20);
    program.putInt(SW_T1_T0).putInt(JUMP_TO_SELF);
    Path kernel = Files.write(folder.resolve("kernel"), program.array());
    VirtualMachine machine = VirtualMachine.create(spec(kernel));
    machine.addListener(
        new MachineListener() {
          @Override
          public void reset(boolean byGuest) {
            resets.incrementAndGet();
          }

          @Override
          public void stopped(Instant when) {
            stops.add(when);
          }
        });
    return machine;
  }

  @Test
  void aResetAskedForIsDoneBeforeTheGuestLeaves() throws Exception {
    try (VirtualMachine machine = machine(RESET)) {
      synchronized (machine) {
        machine.start();
        awaitControlThread();
        assertThat(resets).as("not yet").hasValue(0);
        machine.stopForMigration();
        assertThat(resets).hasValue(1);
        assertThat(machine.runState()).isEqualTo(RunState.FINISH_MIGRATE);
      }
      synchronized (machine) {
        assertThat(resets).as("not again when the control thread gets to it").hasValue(1);
        Instant standsStill = Instant.now();
        assertThat(stops).as("told when there is time").isEmpty();
        machine.handedOver();
        assertThat(stops).singleElement().satisfies(s -> assertThat(s).isBefore(standsStill));
      }
      assertThat(machine.runState()).isEqualTo(RunState.POSTMIGRATE);
    }
  }

  @Test
  void aGuestThatPoweredOffIsNotMoved() throws Exception {
    try (VirtualMachine machine = machine(POWER_OFF)) {
      synchronized (machine) {
        machine.start();
        awaitControlThread();
        assertThatThrownBy(machine::stopForMigration)
            .isInstanceOf(StreamException.class)
            .hasMessageContaining("the guest has powered off");
      }
      machine.awaitEnd();
      assertThat(machine.runState()).isEqualTo(RunState.SHUTDOWN);
    }
  }

  /** Waits until the control thread has something to do and stands before the monitor. */
  private static void awaitControlThread() {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (Thread.getAllStackTraces().keySet().stream()
        .noneMatch(
            t -> t.getName().equals("machine-control") && t.getState() == Thread.State.BLOCKED)) {
      assertThat(System.nanoTime()).as("the guest's request arrives").isLessThan(deadline);
      LockSupport.parkNanos(200_000);
    }
  }

  private static MachineSpec spec(Path kernel) {
    return MachineSpec.builder().memoryBytes(32L << 20).kernel(Optional.of(kernel)).build();
  }
}
