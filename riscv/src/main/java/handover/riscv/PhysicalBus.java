package handover.riscv;

/** What lies behind guest-physical addresses that are not RAM. Called on hart threads. */
public interface PhysicalBus {
  /**
   * Reads a device register.
   *
   * @throws BusFault if nothing is there
   */
  long load(long address, int bytes) throws BusFault;

  /**
   * Writes a device register.
   *
   * @throws BusFault if nothing is there
   */
  void store(long address, int bytes, long value) throws BusFault;

  /** Nothing answers at an address: the hart takes an access fault. Carries no stack. */
  final class BusFault extends Exception {
    /** The only instance needed. */
    public static final BusFault INSTANCE = new BusFault();

    private static final long serialVersionUID = 1;

    private BusFault() {
      super("no device at this address", null, false, false);
    }
  }
}
