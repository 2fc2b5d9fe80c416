package handover.riscv;

/**
 * A hart's incoming MSI controller at one privilege level, as the hart's own registers reach it
 * (Advanced Interrupt Architecture 1.0, 3.8 to 3.10). Called on the hart's thread; takes its own
 * lock.
 */
public interface InterruptFile {
  /**
   * Reads an indirect register.
   *
   * @param select 0x70 to 0xff; from 0x80 on even, as a hart of 64 bits has it
   */
  long load(int select);

  /** Writes an indirect register. */
  void store(int select, long value);

  /** The identity of the interrupt to be taken first; 0 for none. */
  int top();

  /** An interrupt is being served: it is not pending any more. */
  void claim(int identity);
}
