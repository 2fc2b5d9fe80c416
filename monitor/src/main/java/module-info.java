/** QMP server and client, HMP, and the declarations that feed both. */
module handover.monitor {
  requires transitive handover.machine;
  requires com.fasterxml.jackson.core;

  exports handover.monitor;
  exports handover.monitor.client;
  exports handover.monitor.dump;
  exports handover.monitor.hmp;
  exports handover.monitor.json;
  exports handover.monitor.qmp;
}
