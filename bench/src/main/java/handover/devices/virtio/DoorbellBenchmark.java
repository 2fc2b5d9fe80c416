package handover.devices.virtio;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A kick from a hart's store to the device's set of kicked queues, over each transport. No worker
 * runs, so that nobody has to be woken.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DoorbellBenchmark {
  private static final long PLACE = PciMachine.MMIO + 0x1_0000;
  private static final long NOTIFY = 0x3000;
  private static final int SLOT = 3;

  /** The transport. */
  @Param({"mmio", "pci"})
  public String transport;

  private final OurPciMachine machine = new OurPciMachine();
  private long doorbell;

  /** Plugs a device, and places its BAR. */
  @Setup
  public void plug() {
    EchoDevice device = new EchoDevice(machine.memory());
    if (transport.equals("mmio")) {
      doorbell = machine.plugMmio(device) + MmioRegister.QUEUE_NOTIFY;
      return;
    }
    machine.plug(SLOT, device, Map.of());
    machine.config(SLOT, 0x20, 8, PLACE);
    machine.config(SLOT, 0x04, 2, 6);
    doorbell = PLACE + NOTIFY;
  }

  /** One kick. */
  @Benchmark
  public void kick() {
    machine.store(doorbell, 4, 0);
  }
}
