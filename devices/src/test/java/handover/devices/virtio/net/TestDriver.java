package handover.devices.virtio.net;

import handover.devices.net.Await;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** As much of a driver as it takes to negotiate, set up queues and send control commands. */
final class TestDriver {
  private static final int QUEUE_BYTES = 0x10000;
  private static final int ENTRIES = 64;

  private final TestMachine machine;
  private final boolean legacy;
  private int controlQueue;
  private int commands;

  TestDriver(TestMachine machine, boolean legacy) {
    this.machine = machine;
    this.legacy = legacy;
  }

  /** Negotiates exactly {@code features}, sets up {@code queues} queues, the last for control. */
  TestDriver start(long features, int queues) {
    controlQueue = queues - 1;
    machine.register(0x70, 0);
    machine.register(0x70, 3);
    if (legacy) {
      machine.register(0x28, 4096);
    } else {
      machine.register(0x24, 1);
      machine.register(0x20, (int) (features >>> 32) | 1);
    }
    machine.register(0x24, 0);
    machine.register(0x20, (int) features);
    if (!legacy) {
      machine.register(0x70, 11);
    }
    for (int i = 0; i < queues; i++) {
      queue(i);
    }
    machine.register(0x70, legacy ? 7 : 15);
    return this;
  }

  private void queue(int index) {
    long base = base(index);
    machine.register(0x30, index);
    machine.register(0x38, ENTRIES);
    if (legacy) {
      machine.register(0x3c, 4096);
      machine.register(0x40, (int) (base >>> 12));
    } else {
      machine.register(0x80, (int) base);
      machine.register(0x90, (int) available(index));
      machine.register(0xa0, (int) used(index));
      machine.register(0x44, 1);
    }
  }

  /** Sends a command; returns its answer: 0 for success. */
  int command(int kind, int number, byte... data) {
    int queue = controlQueue;
    long bytes = base(queue) + 0x4000;
    ByteBuffer command = ByteBuffer.allocate(data.length + 2);
    machine.write(bytes, command.put((byte) kind).put((byte) number).put(data).array());
    machine.write(bytes + 0x2000, new byte[] {0x55});
    machine.write(base(queue), descriptor(bytes, data.length + 2, 1, 1));
    machine.write(base(queue) + 16, descriptor(bytes + 0x2000, 1, 2, 0));
    long entry = available(queue) + 4 + 2L * (commands % ENTRIES);
    machine.write(entry, new byte[2]);
    commands++;
    machine.write(available(queue) + 2, little16(commands));
    machine.register(0x50, queue);
    Await.until("the command's answer", () -> machine.load16(used(queue) + 2) == commands);
    return machine.load16(bytes + 0x2000) & 0xff;
  }

  static byte[] little16(int value) {
    return new byte[] {(byte) value, (byte) (value >> 8)};
  }

  private static byte[] descriptor(long address, int length, int flags, int next) {
    return ByteBuffer.allocate(16)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(address)
        .putInt(length)
        .putShort((short) flags)
        .putShort((short) next)
        .array();
  }

  private static long base(int queue) {
    return TestMachine.RAM + 0x100000 + (long) queue * QUEUE_BYTES;
  }

  private static long available(int queue) {
    return base(queue) + 16L * ENTRIES;
  }

  private static long used(int queue) {
    return base(queue) + 0x1000;
  }
}
