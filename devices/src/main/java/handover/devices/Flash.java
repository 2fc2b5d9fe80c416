package handover.devices;

import handover.memory.RamBlock;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A bank of parallel NOR flash with Intel's command set (JEDEC JESD68 and JEP137, command set 1):
 * two 16-bit chips side by side, erase blocks of 256 KiB for the pair.
 *
 * <p>The contents are a RAM block, so they move with memory. Reads through this device are right in
 * every mode. A machine that also maps the block for direct reading must listen to {@link
 * ReadMode}: while the chip answers with status or identification, the direct mapping would show
 * the array instead. Guarded by this object's lock.
 */
public final class Flash implements MmioDevice, Lifecycle, Migratable<FlashState> {
  /** Told when direct reads of the block start or stop being what the chip would answer. */
  @FunctionalInterface
  public interface ReadMode {
    /** Whether the chip is in read-array mode now. */
    void array(boolean readable);
  }

  static final int ERASE_BLOCK = 256 << 10;

  private static final int READ_ARRAY = 0x00;
  private static final int PROGRAM = 0x10;
  private static final int ERASE = 0x20;
  private static final int ERASE_ALTERNATE = 0x28;
  private static final int PROGRAM_ALTERNATE = 0x40;
  private static final int CLEAR_STATUS = 0x50;
  private static final int LOCK = 0x60;
  private static final int READ_STATUS = 0x70;
  private static final int READ_IDENTIFIER = 0x90;
  private static final int CFI_QUERY = 0x98;
  private static final int CONFIRM = 0xd0;
  private static final int LOCK_BLOCK = 0x01;
  private static final int PROGRAM_BUFFER = 0xe8;
  private static final int RESET_TO_ARRAY = 0xff;

  private static final int STATUS_READY = 0x80;
  private static final int STATUS_ERASE_ERROR = 0x20;
  private static final int STATUS_PROGRAM_ERROR = 0x10;

  /** Write cycles within a command, as the stream counts them. */
  private static final int COMMAND = 0;

  private static final int SETUP = 1;
  private static final int DATA = 2;
  private static final int CONFIRMATION = 3;

  private static final int MANUFACTURER = 0x89;
  private static final int DEVICE = 0x18;

  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final String name;
  private final int instance;
  private final RamBlock block;
  private final ReadMode readMode;
  private final byte[] query;
  private final FlashState state = new FlashState();

  /**
   * A bank in read-array mode.
   *
   * @param instance 0 for the first bank, 1 for the second
   * @param block its contents, a whole number of erase blocks
   */
  public Flash(int instance, RamBlock block, ReadMode readMode) {
    this.name = "flash" + instance;
    this.instance = instance;
    this.block = block;
    this.readMode = readMode;
    this.query = FlashQuery.table(block.size(), ERASE_BLOCK);
    state.status = STATUS_READY;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return block.size();
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    return switch (state.command) {
      case READ_ARRAY, RESET_TO_ARRAY -> array(offset, bytes);
      case READ_IDENTIFIER -> answer(identifier((int) offset >>> 2 & 0xff), offset, bytes);
      case CFI_QUERY -> answer(queried((int) offset >>> 2 & 0xff), offset, bytes);
      default -> answer(state.status, offset, bytes);
    };
  }

  private long array(long offset, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      long octet = block.segment().get(ValueLayout.JAVA_BYTE, offset + i) & 0xffL;
      value |= octet << (8 * i);
    }
    return value;
  }

  /** Both chips give the same answer, each on its 16 lines. */
  private static long answer(int value, long offset, int bytes) {
    long pair = value | (long) value << 16;
    long twice = pair | pair << 32;
    long shifted = twice >>> (8 * (offset & 3));
    return bytes == 8 ? shifted : shifted & ((1L << 8 * bytes) - 1);
  }

  private static int identifier(int index) {
    return switch (index) {
      case 0 -> MANUFACTURER;
      case 1 -> DEVICE;
      default -> 0;
    };
  }

  private int queried(int index) {
    return index < query.length ? query[index] & 0xff : 0;
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    int octet = (int) value & 0xff;
    switch (state.cycle) {
      case COMMAND -> command(octet);
      case SETUP -> second(offset, bytes, value, octet);
      case DATA -> {
        program(offset, bytes, value);
        state.counter--;
        state.cycle = state.counter < 0 ? CONFIRMATION : DATA;
      }
      default -> finish(octet == CONFIRM ? 0 : STATUS_PROGRAM_ERROR);
    }
  }

  private void command(int octet) {
    switch (octet) {
      case PROGRAM, PROGRAM_ALTERNATE, ERASE, ERASE_ALTERNATE, LOCK, PROGRAM_BUFFER -> {
        enter(octet);
        state.cycle = SETUP;
      }
      case READ_STATUS, READ_IDENTIFIER, CFI_QUERY -> enter(octet);
      case CLEAR_STATUS -> {
        state.status = STATUS_READY;
        enter(READ_ARRAY);
      }
      default -> enter(READ_ARRAY);
    }
  }

  private void second(long offset, int bytes, long value, int octet) {
    switch (state.command) {
      case PROGRAM, PROGRAM_ALTERNATE -> {
        program(offset, bytes, value);
        finish(0);
      }
      case ERASE, ERASE_ALTERNATE -> {
        if (octet == CONFIRM) {
          erase(offset);
        }
        finish(octet == CONFIRM ? 0 : STATUS_ERASE_ERROR | STATUS_PROGRAM_ERROR);
      }
      case PROGRAM_BUFFER -> {
        state.counter = value & 0xffff;
        state.cycle = DATA;
      }
      default -> {
        finish(0);
        if (octet != CONFIRM && octet != LOCK_BLOCK) {
          enter(READ_ARRAY);
        }
      }
    }
  }

  private void finish(int errors) {
    state.status |= STATUS_READY | errors;
    state.cycle = COMMAND;
  }

  private void enter(int command) {
    boolean before = arrayMode();
    state.command = command;
    if (before != arrayMode()) {
      readMode.array(arrayMode());
    }
  }

  private boolean arrayMode() {
    return state.command == READ_ARRAY || state.command == RESET_TO_ARRAY;
  }

  /** Programming can only turn ones into zeros. */
  private void program(long offset, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      byte old = block.segment().get(ValueLayout.JAVA_BYTE, offset + i);
      block.segment().set(ValueLayout.JAVA_BYTE, offset + i, (byte) (old & value >>> (8 * i)));
    }
    block.dirtyLog().mark(offset, bytes);
  }

  private void erase(long offset) {
    long start = offset & -ERASE_BLOCK;
    for (long at = start; at < start + ERASE_BLOCK; at += Long.BYTES) {
      block.segment().set(U64, at, -1L);
    }
    block.dirtyLog().mark(start, ERASE_BLOCK);
  }

  @Override
  public synchronized void reset() {
    state.cycle = COMMAND;
    state.status = STATUS_READY;
    state.counter = 0;
    enter(READ_ARRAY);
  }

  @Override
  public String sectionName() {
    return "pflash_cfi01";
  }

  @Override
  public int instanceId() {
    return instance;
  }

  @Override
  public StateDeclaration<FlashState> declaration() {
    return FlashState.DECLARATION;
  }

  @Override
  public synchronized FlashState snapshot() {
    FlashState copy = new FlashState();
    copy.cycle = state.cycle;
    copy.command = state.command;
    copy.status = state.status;
    copy.counter = state.counter;
    return copy;
  }

  @Override
  public FlashState blank() {
    return new FlashState();
  }

  @Override
  public synchronized void commit(FlashState loaded) {
    state.cycle = loaded.cycle;
    state.status = loaded.status;
    state.counter = loaded.counter;
    enter(loaded.command);
  }
}
