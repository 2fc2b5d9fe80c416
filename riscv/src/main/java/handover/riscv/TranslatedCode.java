package handover.riscv;

/** A region's code. Subclasses are generated ({@link RegionEmitter}); one instance each. */
abstract class TranslatedCode {
  /** In place of a program counter: the guest trapped, {@link Dispatcher#faulted} has the rest. */
  static final long FAULTED = 1;

  /**
   * Likewise: an instruction was executed after which the hart must look whether things are as they
   * were; its program counter says where to go on.
   */
  static final long LEFT = 3;

  /** How often its guest's time slice ended in it; harts may lose a count to each other. */
  int samples;

  /**
   * Executes from one of the region's entries until control leaves it.
   *
   * @param dispatcher the hart's; registers come from it and go back to it
   * @param base virtual address of the page that the region was made for
   * @param left instructions that may be retired before the next look at interrupts; when it is not
   *     positive nothing is executed
   * @param entry number of the entry
   * @return the program counter to go on at, {@link #FAULTED} or {@link #LEFT}; what is left is
   *     then in {@link Dispatcher#left}
   */
  abstract long run(Dispatcher dispatcher, long base, int left, int entry);

  /** Calls it without a budget, which does nothing but show HotSpot that it is called. */
  void call(int times) {
    for (int i = 0; i < times; i++) {
      long unused = run(null, 0, 0, 0);
    }
  }
}
