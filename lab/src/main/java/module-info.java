/** Experiments, the probe host, and reports. Nothing the product needs at run time. */
module handover.lab {
  requires handover.guest;
  requires transitive handover.devices;
  requires transitive handover.monitor;
  requires transitive HdrHistogram;
  requires com.fasterxml.jackson.core;

  exports handover.lab;
  exports handover.lab.report;
}
