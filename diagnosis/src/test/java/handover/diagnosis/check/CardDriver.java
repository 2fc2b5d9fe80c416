package handover.diagnosis.check;

import handover.monitor.client.QmpClient;
import handover.monitor.json.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The least of a guest that uses a network card: on a bare RISC-V hart, it accepts every feature
 * that virtio-net-pci at 00:01.0 of QEMU's {@code virt} offers, and then does nothing more.
 */
final class CardDriver {
  private static final long START = 0x8000_0000L;
  private static final String STATUS = "xp /1xb 0x40000014";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** RV64I; t0 is configuration space, t1 what BAR 4 has (virtio 1.2, 3.1.1 and 4.1.4.3). */
  private static final int[] PROGRAM = {
    0x300082b7,
    0x40000337, // li t0, 0x30008000; li t1, 0x40000000
    0x0262a023,
    0x0202a223, // sw t1, 0x20(t0); sw zero, 0x24(t0): BAR 4
    0x00600393,
    0x00729223, // li t2, 6; sh t2, 4(t0): memory, bus master
    0x00030a23, // sb zero, 0x14(t1): reset
    0x00300393,
    0x00730a23, // ACKNOWLEDGE, DRIVER
    0x00032023,
    0x00432e03, // sw zero, 0(t1); lw t3, 4(t1): low features offered
    0x00032423,
    0x01c32623, // sw zero, 8(t1); sw t3, 12(t1): accepted
    0x00100393, // li t2, 1
    0x00732023,
    0x00432e03, // sw t2, 0(t1); lw t3, 4(t1): high features offered
    0x00732423,
    0x01c32623, // sw t2, 8(t1); sw t3, 12(t1): accepted
    0x00b00393,
    0x00730a23, // FEATURES_OK
    0x00f00393,
    0x00730a23, // DRIVER_OK
    0x0000006f // j .
  };

  private CardDriver() {}

  /** Options that put it where a hart starts with {@code -bios none}. */
  static String options(Path folder) throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(4 * PROGRAM.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int word : PROGRAM) {
      bytes.putInt(word);
    }
    Path file = Files.write(folder.resolve("driver"), bytes.array());
    return " -device loader,file=%s,addr=0x%x,force-raw=on".formatted(file, START);
  }

  /** Lets the machine run until the driver is done. */
  static void run(QmpClient machine) throws Exception {
    machine.execute("cont");
    Json.Obj look = Json.object().with("command-line", STATUS).build();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    String status = "";
    while (!status.contains("0x0f")) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("the card's driver is not ready: " + status);
      }
      status = machine.execute("human-monitor-command", look).toString();
    }
  }
}
