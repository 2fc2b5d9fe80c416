package handover.riscv;

/** How an access of one hart communicates with an access of another to the same location. */
enum LitmusEdge {
  /** A store is read by a load. */
  RFE(true, false),
  /** A load reads what was there before a store. */
  FRE(false, true),
  /** A store is before another in the location's coherence order. */
  COE(true, true);

  final boolean fromStore;
  final boolean toStore;

  LitmusEdge(boolean fromStore, boolean toStore) {
    this.fromStore = fromStore;
    this.toStore = toStore;
  }
}
