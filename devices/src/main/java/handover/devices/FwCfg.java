package handover.devices;

import handover.memory.GuestMemory;
import handover.memory.GuestMemoryFault;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * QEMU's firmware configuration device in its memory-mapped form (QEMU's {@code
 * docs/specs/fw_cfg}): a data register at 0, a big-endian selector at 8, a big-endian DMA address
 * at 16. Items are fixed before the machine runs and cannot be written by the guest.
 *
 * <p>DMA goes through {@link GuestMemory}, which checks every range; a request that reaches outside
 * RAM ends with the error bit. Guarded by this object's lock.
 */
public final class FwCfg implements MmioDevice, Lifecycle, Migratable<FwCfgState> {
  /** "QEMU". */
  public static final int SIGNATURE = 0x00;

  /** What the device can do: 3, the selector and data registers, and DMA. */
  public static final int ID = 0x01;

  /** 16 bytes. */
  public static final int UUID = 0x02;

  /** Main RAM's size, little-endian 64 bits. */
  public static final int RAM_SIZE = 0x03;

  /** How many harts, little-endian 16 bits. */
  public static final int CPU_COUNT = 0x05;

  /** The directory of named files. */
  public static final int FILE_DIRECTORY = 0x19;

  private static final int FIRST_FILE = 0x20;
  private static final int MAX_FILES = 0x20;
  private static final int MAX_FILE_NAME = 55;
  private static final int INVALID = 0xffff;

  private static final int SELECTOR = 8;
  private static final int DMA_HIGH = 16;
  private static final int DMA_LOW = 20;
  private static final long DMA_SIGNATURE = 0x51454d5520434647L;

  private static final int DMA_ERROR = 1;
  private static final int DMA_READ = 2;
  private static final int DMA_SKIP = 4;
  private static final int DMA_SELECT = 8;
  private static final int DMA_WRITE = 16;
  private static final int DMA_CHUNK = 4096;

  private record NamedFile(String name, int key, int size) {}

  private final GuestMemory memory;
  private final Map<Integer, byte[]> items = new HashMap<>();
  private final List<NamedFile> files = new ArrayList<>();
  private final FwCfgState state = new FwCfgState();

  /** A device with signature, id and an empty directory, that does DMA to {@code memory}. */
  public FwCfg(GuestMemory memory) {
    this.memory = memory;
    item(SIGNATURE, "QEMU".getBytes(StandardCharsets.US_ASCII));
    item(ID, little(4).putInt(3).array());
    writeDirectory();
  }

  /**
   * Sets the item of a well-known key, before the machine runs.
   *
   * @param key such as {@link #RAM_SIZE}; files have keys of their own, given by {@link #file}
   * @param content its bytes as the guest reads them, copied
   */
  public synchronized void item(int key, byte[] content) {
    items.put(key, content.clone());
  }

  /** Sets a little-endian 64-bit item. */
  public void item64(int key, long value) {
    item(key, little(8).putLong(value).array());
  }

  /** Sets a little-endian 16-bit item. */
  public void item16(int key, int value) {
    item(key, little(2).putShort((short) value).array());
  }

  /**
   * Adds a named file, such as {@code opt/org.example/greeting}.
   *
   * @param name 1 to 55 characters
   * @throws IllegalArgumentException if the name is too long or taken, or there are too many
   */
  public synchronized void file(String name, byte[] content) {
    if (name.isEmpty() || name.length() > MAX_FILE_NAME) {
      throw new IllegalArgumentException(
          "fw_cfg file name '%s': expected 1 to %d characters".formatted(name, MAX_FILE_NAME));
    }
    if (files.size() == MAX_FILES || files.stream().anyMatch(f -> f.name().equals(name))) {
      throw new IllegalArgumentException(
          "fw_cfg file '%s' is there already, or %d others are".formatted(name, MAX_FILES));
    }
    int key = FIRST_FILE + files.size();
    files.add(new NamedFile(name, key, content.length));
    item(key, content);
    writeDirectory();
  }

  private void writeDirectory() {
    ByteBuffer directory = ByteBuffer.allocate(4 + files.size() * 64).putInt(files.size());
    for (NamedFile file : files) {
      directory.putInt(file.size()).putShort((short) file.key()).putShort((short) 0);
      directory.put(Arrays.copyOf(file.name().getBytes(StandardCharsets.UTF_8), 56));
    }
    items.put(FILE_DIRECTORY, directory.array());
  }

  @Override
  public String name() {
    return "fw_cfg";
  }

  @Override
  public long size() {
    return 0x18;
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    if (offset < SELECTOR) {
      return read(bytes);
    }
    if (offset >= DMA_HIGH) {
      // The signature is big-endian; a wide load of any part gives its bytes in memory order.
      long inMemoryOrder = Long.reverseBytes(DMA_SIGNATURE) >>> (8 * (offset - DMA_HIGH));
      return bytes == 8 ? inMemoryOrder : inMemoryOrder & ((1L << 8 * bytes) - 1);
    }
    return 0;
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    if (offset == SELECTOR && bytes == 2) {
      select(Short.toUnsignedInt(Short.reverseBytes((short) value)));
    } else if (offset == DMA_HIGH && bytes == 8) {
      state.dmaAddress = Long.reverseBytes(value);
      transfer();
    } else if (offset == DMA_HIGH && bytes == 4) {
      state.dmaAddress = Integer.toUnsignedLong(Integer.reverseBytes((int) value)) << 32;
    } else if (offset == DMA_LOW && bytes == 4) {
      state.dmaAddress |= Integer.toUnsignedLong(Integer.reverseBytes((int) value));
      transfer();
    }
  }

  private void select(int key) {
    state.offset = 0;
    state.entry = items.containsKey(key) ? key : INVALID;
  }

  private byte[] selected() {
    return items.getOrDefault(state.entry, new byte[0]);
  }

  /** The next bytes of the item, lowest first; zeros after its end. */
  private long read(int bytes) {
    byte[] item = selected();
    long value = 0;
    for (int i = 0; i < bytes && state.offset < item.length; i++) {
      value |= (item[(int) state.offset++] & 0xffL) << (8 * i);
    }
    return value;
  }

  private void transfer() {
    long request = state.dmaAddress;
    state.dmaAddress = 0;
    try {
      memory.storeU32(request, Integer.reverseBytes(perform(request)));
    } catch (GuestMemoryFault e) {
      System.getLogger(FwCfg.class.getName())
          .log(System.Logger.Level.WARNING, "fw_cfg: DMA request outside RAM: " + e.getMessage());
    }
  }

  /** Does what the request at {@code request} asks; returns its new control word. */
  private int perform(long request) {
    int control = Integer.reverseBytes(memory.loadU32(request));
    long length = Integer.toUnsignedLong(Integer.reverseBytes(memory.loadU32(request + 4)));
    long address = Long.reverseBytes(memory.loadU64(request + 8));
    if ((control & DMA_SELECT) != 0) {
      select(control >>> 16);
    }
    if ((control & DMA_READ) != 0) {
      return copyOut(address, length) ? 0 : DMA_ERROR;
    }
    if ((control & DMA_WRITE) != 0) {
      return DMA_ERROR;
    }
    if ((control & DMA_SKIP) != 0) {
      advance(length);
    }
    return 0;
  }

  /** The item's next bytes, then zeros, as many as asked for, into guest memory. */
  private boolean copyOut(long address, long length) {
    if (length > 0 && memory.lookup(address, length) == null) {
      return false;
    }
    byte[] item = selected();
    byte[] chunk = new byte[(int) Math.min(length, DMA_CHUNK)];
    try {
      for (long done = 0; done < length; done += chunk.length) {
        int now = (int) Math.min(chunk.length, length - done);
        int real = Math.clamp(item.length - state.offset, 0, now);
        System.arraycopy(item, (int) Math.min(state.offset, item.length), chunk, 0, real);
        Arrays.fill(chunk, real, now, (byte) 0);
        memory.write(address + done, chunk, 0, now);
        advance(real);
      }
      return true;
    } catch (GuestMemoryFault e) {
      return false;
    }
  }

  private void advance(long count) {
    state.offset = Math.min(state.offset + count, selected().length);
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public synchronized void reset() {
    state.dmaAddress = 0;
    select(SIGNATURE);
  }

  @Override
  public String sectionName() {
    return "fw_cfg";
  }

  @Override
  public StateDeclaration<FwCfgState> declaration() {
    return FwCfgState.DECLARATION;
  }

  @Override
  public synchronized FwCfgState snapshot() {
    FwCfgState copy = new FwCfgState();
    copy.entry = state.entry;
    copy.offset = state.offset;
    copy.dmaAddress = state.dmaAddress;
    copy.acpiTables = state.acpiTables;
    copy.acpiLinker = state.acpiLinker;
    copy.acpiRsdp = state.acpiRsdp;
    return copy;
  }

  @Override
  public FwCfgState blank() {
    return new FwCfgState();
  }

  @Override
  public synchronized void commit(FwCfgState loaded) {
    select(loaded.entry);
    advance(loaded.offset);
    state.dmaAddress = loaded.dmaAddress;
    state.acpiTables = loaded.acpiTables;
    state.acpiLinker = loaded.acpiLinker;
    state.acpiRsdp = loaded.acpiRsdp;
  }
}
