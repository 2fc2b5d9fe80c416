package handover.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@code struct msghdr} with one piece of data and, as ancillary data, file descriptors ({@code
 * recvmsg(2)}, {@code cmsg(3)}; 64-bit Linux).
 */
final class SocketMessage {
  private static final long HEADER_BYTES = 56;
  private static final long VECTOR_AT = 16;
  private static final long VECTORS_AT = 24;
  private static final long CONTROL_AT = 32;
  private static final long CONTROL_BYTES_AT = 40;

  private static final long CONTROL_HEADER = 16;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;

  private final MemorySegment header;
  private final MemorySegment control;

  /** A message to send. */
  SocketMessage(Arena arena, MemorySegment data, int... descriptors) {
    this(arena, data, controlFor(arena, descriptors), descriptors.length > 0);
  }

  private SocketMessage(
      Arena arena, MemorySegment data, MemorySegment control, boolean withControl) {
    this.control = control;
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ValueLayout.ADDRESS, 0, data);
    vector.set(ValueLayout.JAVA_LONG, 8, data.byteSize());
    header = arena.allocate(HEADER_BYTES, 8);
    header.set(ValueLayout.ADDRESS, VECTOR_AT, vector);
    header.set(ValueLayout.JAVA_LONG, VECTORS_AT, 1);
    if (withControl) {
      header.set(ValueLayout.ADDRESS, CONTROL_AT, control);
      header.set(ValueLayout.JAVA_LONG, CONTROL_BYTES_AT, control.byteSize());
    }
  }

  /** A message to be filled with as much as {@code data} has room for. */
  static SocketMessage toReceive(Arena arena, MemorySegment data) {
    MemorySegment control = arena.allocate(space(UnixSocket.MAX_DESCRIPTORS), 8);
    return new SocketMessage(arena, data, control, true);
  }

  MemorySegment header() {
    return header;
  }

  /** The descriptors that came with it. */
  List<Integer> descriptors() {
    List<Integer> found = new ArrayList<>();
    long filled = header.get(ValueLayout.JAVA_LONG, CONTROL_BYTES_AT);
    for (long at = 0; at + CONTROL_HEADER <= filled; ) {
      long length = control.get(ValueLayout.JAVA_LONG, at);
      boolean rights =
          control.get(ValueLayout.JAVA_INT, at + 8) == SOL_SOCKET
              && control.get(ValueLayout.JAVA_INT, at + 12) == SCM_RIGHTS;
      for (long d = at + CONTROL_HEADER; rights && d + 4 <= at + length; d += 4) {
        found.add(control.get(ValueLayout.JAVA_INT, d));
      }
      at += Math.max(CONTROL_HEADER, aligned(length));
    }
    return found;
  }

  private static MemorySegment controlFor(Arena arena, int... descriptors) {
    MemorySegment control = arena.allocate(space(descriptors.length), 8);
    control.set(ValueLayout.JAVA_LONG, 0, CONTROL_HEADER + 4L * descriptors.length);
    control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
    control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
    for (int i = 0; i < descriptors.length; i++) {
      control.set(ValueLayout.JAVA_INT, CONTROL_HEADER + 4L * i, descriptors[i]);
    }
    return control;
  }

  private static long space(int descriptors) {
    return CONTROL_HEADER + aligned(4L * descriptors);
  }

  private static long aligned(long bytes) {
    return bytes + 7 & -8;
  }
}
