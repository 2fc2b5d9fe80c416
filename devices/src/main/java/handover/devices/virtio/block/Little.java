package handover.devices.virtio.block;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian integers in byte arrays. */
final class Little {
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Little() {}

  static int u32(byte[] bytes, int at) {
    return (int) U32.get(bytes, at);
  }

  static long u64(byte[] bytes, int at) {
    return (long) U64.get(bytes, at);
  }
}
