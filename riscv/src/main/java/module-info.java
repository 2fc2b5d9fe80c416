/** The hart: decode, execute, translate addresses, trap. Knows nothing of devices or migration. */
module handover.riscv {
  requires transitive handover.memory;
  requires transitive handover.vmstate;

  exports handover.riscv;
}
