package handover.machine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The code every hart starts with, at {@link VirtMap#MROM}: it loads the registers that the boot
 * protocol of OpenSBI's {@code fw_dynamic} firmware (and of bare-metal kernels) expects and jumps.
 *
 * <pre>
 *   a0 = mhartid      a1 = device tree      a2 = dynamic information
 * </pre>
 */
final class BootRom {
  private static final int T0 = 5;
  private static final int A0 = 10;
  private static final int A1 = 11;
  private static final int A2 = 12;
  private static final int MHARTID = 0xf14;

  /** Offsets from the first instruction: six instructions, then the data they load. */
  private static final int START = 24;

  private static final int TREE = 32;
  private static final int DYNAMIC = 40;

  /** "OSBI" read as a little-endian word: {@code fw_dynamic}'s magic number. */
  private static final long DYNAMIC_MAGIC = 0x4942534f;

  private static final long DYNAMIC_VERSION = 2;
  private static final long SUPERVISOR = 1;
  private static final int BYTES = DYNAMIC + 6 * 8;

  private BootRom() {}

  /**
   * The ROM's contents.
   *
   * @param start where to jump to, in machine mode
   * @param deviceTree where the flattened tree lies
   * @param next where firmware goes on to in supervisor mode; 0 for none
   */
  static byte[] build(long start, long deviceTree, long next) {
    ByteBuffer rom = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    rom.putInt(auipc(T0, 0));
    rom.putInt(addi(A2, T0, DYNAMIC));
    rom.putInt(csrr(A0, MHARTID));
    rom.putInt(ld(A1, TREE, T0));
    rom.putInt(ld(T0, START, T0));
    rom.putInt(jr(T0));
    rom.putLong(start).putLong(deviceTree);
    rom.putLong(DYNAMIC_MAGIC).putLong(DYNAMIC_VERSION);
    rom.putLong(next).putLong(SUPERVISOR);
    long options = 0;
    long bootHart = 0;
    rom.putLong(options).putLong(bootHart);
    return rom.array();
  }

  private static int auipc(int rd, int upper) {
    return upper << 12 | rd << 7 | 0x17;
  }

  private static int addi(int rd, int rs1, int immediate) {
    return immediate << 20 | rs1 << 15 | rd << 7 | 0x13;
  }

  private static int ld(int rd, int offset, int rs1) {
    return offset << 20 | rs1 << 15 | 3 << 12 | rd << 7 | 0x03;
  }

  private static int csrr(int rd, int csr) {
    return csr << 20 | 2 << 12 | rd << 7 | 0x73;
  }

  private static int jr(int rs1) {
    return rs1 << 15 | 0x67;
  }
}
