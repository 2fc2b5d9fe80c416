package handover.devices.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import handover.Bounds;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A hostile guest's accesses to configuration space, BARs and ports of a transitional device, eight
 * bytes each: where, how wide, offset, value. Nothing it does may throw, change what is fixed, or
 * leave a state that cannot be moved.
 */
class PciFuzzTest {
  private static final int SLOT = 1;
  private static final int BLOCK_DEVICE = 2;
  private static final int MOST_ACCESSES = 256;
  private static final long BYTES = 32 << 20;

  private static final OurPciMachine MACHINE = new OurPciMachine();
  private static final EchoDevice DEVICE = new EchoDevice(MACHINE.memory(), false, BLOCK_DEVICE);
  private static final EchoDevice THERE = new EchoDevice(MACHINE.memory(), false, BLOCK_DEVICE);

  static {
    MACHINE.plug(SLOT, DEVICE, Map.of());
    new OurPciMachine(MACHINE.memory()).plug(SLOT, THERE, Map.of());
  }

  static Stream<byte[]> seeds() {
    ByteBuffer start = ByteBuffer.allocate(7 * 8).order(ByteOrder.LITTLE_ENDIAN);
    access(start, 0x80, 0x10, 0x1001);
    access(start, 0x80, 0x14, 0x4000_1000);
    access(start, 0x80, 0x20, 0x4001_0000);
    access(start, 0x80, 0x04, 7);
    access(start, 0x80, 0x9a, 0x8000_0000);
    access(start, 0x82, 0x14, 15);
    access(start, 0x83, 0x12, 7);
    return Stream.of(start.array());
  }

  private static void access(ByteBuffer into, int kind, int offset, int value) {
    into.put((byte) kind).put((byte) 2).putShort((short) offset).putInt(value);
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void guestAccesses(byte[] input) throws Exception {
    Bounds.hold(BYTES, () -> run(ByteBuffer.wrap(input).order(ByteOrder.LITTLE_ENDIAN)));
  }

  private static void run(ByteBuffer script) {
    DEVICE.reset();
    long base = MACHINE.config(SLOT, 0x00, 4);
    for (int i = 0; i < MOST_ACCESSES && script.remaining() >= 8; i++) {
      one(script);
    }
    assertThat(MACHINE.config(SLOT, 0x00, 4)).as("identity").isEqualTo(base);
    assertThat(MACHINE.config(SLOT, 0x34, 1)).as("capabilities").isEqualTo(0x98);
    DEVICE.pause();
    EchoDevice.State state = Saving.fromClassic(THERE, Saving.classic(DEVICE));
    state.check("moved");
    DEVICE.resume();
  }

  private static void one(ByteBuffer script) {
    int kind = script.get();
    int bytes = 1 << (script.get() & 3);
    int offset = script.getShort() & 0xffff & -bytes;
    int value = script.getInt();
    long address =
        switch (kind & 3) {
          case 0 -> PciMachine.ECAM + (SLOT << 15) + (offset & 0xfff);
          case 1 -> PciMachine.MMIO + (0x1000 | offset & 0xfff);
          case 2 -> PciMachine.MMIO + (0x1_0000 | offset & 0x3fff);
          default -> PciMachine.PORTS + (0x1000 | offset & 0x7f);
        };
    if ((kind & 0x80) != 0) {
      MACHINE.store(address, bytes, value);
    } else {
      MACHINE.load(address, bytes);
    }
  }
}
