/** What is in a migration stream, and why two machines will not migrate: ours and QEMU's. */
module handover.diagnosis {
  requires transitive handover.monitor;
  requires com.fasterxml.jackson.core;

  exports handover.diagnosis.check;
  exports handover.diagnosis.stream;
  exports handover.diagnosis.translate;
}
