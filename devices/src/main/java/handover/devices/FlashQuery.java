package handover.devices;

/** What a {@link Flash} chip tells of itself: the CFI query structure of JEDEC JESD68.01. */
final class FlashQuery {
  private static final int LENGTH = 0x52;

  /** Two chips share the bus; each describes itself alone. */
  private static final int CHIPS = 2;

  private static final int INTEL_COMMANDS = 0x0001;
  private static final int EXTENDED_TABLE = 0x31;
  private static final int X8_X16 = 2;

  private FlashQuery() {}

  /**
   * The table of one chip.
   *
   * @param bankBytes size of the pair
   * @param eraseBytes erase block of the pair
   */
  static byte[] table(long bankBytes, int eraseBytes) {
    byte[] table = new byte[LENGTH];
    text(table, 0x10, "QRY");
    word(table, 0x13, INTEL_COMMANDS);
    word(table, 0x15, EXTENDED_TABLE);
    voltagesAndTimes(table);
    table[0x27] = (byte) Long.numberOfTrailingZeros(bankBytes / CHIPS);
    word(table, 0x28, X8_X16);
    int bufferLog = 11;
    word(table, 0x2a, bufferLog);
    int eraseRegions = 1;
    table[0x2c] = (byte) eraseRegions;
    word(table, 0x2d, (int) (bankBytes / eraseBytes) - 1);
    word(table, 0x2f, eraseBytes / CHIPS / 256);
    text(table, EXTENDED_TABLE, "PRI10");
    int protectionFields = 1;
    table[0x3f] = (byte) protectionFields;
    return table;
  }

  /** Vcc in tenths of a volt as BCD; times as powers of two, in µs (words, buffers) and ms. */
  private static void voltagesAndTimes(byte[] table) {
    table[0x1b] = 0x45;
    table[0x1c] = 0x55;
    table[0x1f] = 7;
    table[0x20] = 7;
    table[0x21] = 10;
    table[0x23] = 4;
    table[0x24] = 4;
    table[0x25] = 4;
  }

  private static void text(byte[] table, int at, String text) {
    for (int i = 0; i < text.length(); i++) {
      table[at + i] = (byte) text.charAt(i);
    }
  }

  private static void word(byte[] table, int at, int value) {
    table[at] = (byte) value;
    table[at + 1] = (byte) (value >>> 8);
  }
}
