package handover.riscv;

/**
 * What code that is translated for one hart only takes for constants: HotSpot knows the lengths of
 * these arrays then, and has their addresses without keeping them in registers. A record, because
 * HotSpot trusts the components of records not to change.
 *
 * @param dispatcher of the hart
 * @param x its integer registers
 * @param f its floating-point registers
 * @param flags their accrued exceptions
 * @param tlb the words of its data TLB
 */
record RegionOwner(Dispatcher dispatcher, long[] x, long[] f, FpFlags flags, long[] tlb) {}
