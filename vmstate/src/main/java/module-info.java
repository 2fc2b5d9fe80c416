/** State declarations and QEMU's wire format. Knows nothing of machines, devices or threads. */
module handover.vmstate {
  requires transitive handover.memory;

  exports handover.vmstate;
}
