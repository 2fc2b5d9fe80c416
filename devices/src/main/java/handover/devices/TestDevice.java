package handover.devices;

/**
 * SiFive's test finisher, through which a guest powers off or resets the board. It holds no state
 * and has no section in the stream.
 */
public final class TestDevice implements MmioDevice, Lifecycle {
  /** What the guest asked for. Called on a hart's thread: only take note and return. */
  public interface Listener {
    /** Power off; {@code code} is 0 for success, else the guest's own failure code. */
    void powerOff(int code);

    /** Reset the machine. */
    void reset();
  }

  private static final int FAIL = 0x3333;
  private static final int PASS = 0x5555;
  private static final int RESET = 0x7777;

  private final Listener listener;

  /** Reports to {@code listener}. */
  public TestDevice(Listener listener) {
    this.listener = listener;
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public long size() {
    return 0x1000;
  }

  @Override
  public long load(long offset, int bytes) {
    return 0;
  }

  @Override
  public void store(long offset, int bytes, long value) {
    if (offset == 0 && (bytes == 2 || bytes == 4)) {
      switch ((int) value & 0xffff) {
        case FAIL -> listener.powerOff((int) value >>> 16);
        case PASS -> listener.powerOff(0);
        case RESET -> listener.reset();
        default -> {}
      }
    }
  }

  @Override
  public void reset() {}
}
