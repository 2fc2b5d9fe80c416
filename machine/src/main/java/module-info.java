/** The {@code virt} board, its life cycle, and the API to embed a virtual machine. */
module handover.machine {
  requires transitive handover.devices;
  requires transitive handover.migration;
  requires transitive handover.riscv;

  exports handover.machine;
}
