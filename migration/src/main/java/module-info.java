/** The migration engine: phases, RAM, iterative devices, agreement. Knows nothing of boards. */
module handover.migration {
  requires java.management;
  requires jdk.net;
  requires transitive handover.memory;
  requires transitive handover.vmstate;

  exports handover.migration;
}
