package handover.diagnosis.stream;

import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.util.List;

/** Commands to the destination: u16 command, u16 length, payload; some have more behind it. */
final class StreamCommands {
  private static final int PRIVATE = 0x4876;
  private static final int PRIVATE_HEAD = 5;
  private static final int POSTCOPY_ADVISE = 3;
  private static final int PACKAGED = 8;
  private static final int REQUEST = 0x484f56;

  private static final String[] NAMES = {
    "INVALID",
    "OPEN_RETURN_PATH",
    "PING",
    "POSTCOPY_ADVISE",
    "POSTCOPY_LISTEN",
    "POSTCOPY_RUN",
    "POSTCOPY_RAM_DISCARD",
    "POSTCOPY_RESUME",
    "PACKAGED",
    "RECV_BITMAP",
    "ENABLE_COLO",
    "SWITCHOVER_START"
  };

  private final WireReader in;
  private final RamWalk.Skip skip;
  private final RamWalk ram;
  private final HandoverMessages messages;

  StreamCommands(WireReader in, RamWalk.Skip skip, RamWalk ram) {
    this.in = in;
    this.skip = skip;
    this.ram = ram;
    this.messages = new HandoverMessages(in, skip);
  }

  /** Reads one whose type byte, at {@code offset}, has been read. */
  StreamItem.Command read(long offset) throws IOException {
    int command = in.u16();
    int length = in.u16();
    HandoverMessages.Message message;
    if (command == PRIVATE && length == PRIVATE_HEAD) {
      message = messages.read();
    } else if (command == StreamFormat.COMMAND_PING && length == 4) {
      message = new HandoverMessages.Message(ping(in.u32()), List.of());
    } else {
      message = new HandoverMessages.Message(other(command, length), List.of());
    }
    return new StreamItem.Command(
        offset, in.position() - offset, name(command), message.words(), message.groups());
  }

  private static String name(int command) {
    if (command == PRIVATE) {
      return "HANDOVER";
    }
    return command < NAMES.length ? NAMES[command] : "0x%x".formatted(command);
  }

  private static String ping(int value) {
    return value >>> 8 == REQUEST
        ? "0x%08x: asks for an agreement, protocol version %d".formatted(value, value & 0xff)
        : "0x%x".formatted(value);
  }

  /** The state inside a package stands at section boundaries like any other: it is walked on. */
  private String other(int command, int length) throws IOException {
    if (command == PACKAGED && length == 4) {
      return Text.bytes(Integer.toUnsignedLong(in.u32())) + " of sections follow";
    }
    if (command == POSTCOPY_ADVISE && length == 16) {
      ram.postcopyAdvised();
      return "page sizes 0x%x, target page 0x%x".formatted(in.u64(), in.u64());
    }
    skip.bytes(length);
    return length == 0 ? "" : length + " bytes";
  }
}
