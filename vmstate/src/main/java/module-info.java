/** State declarations and QEMU's wire format. Knows nothing of machines, devices or threads. */
module handover.vmstate {
  requires transitive handover.memory;
  requires com.fasterxml.jackson.core;

  exports handover.vmstate;
}
