/** Experiments, the probe host, and reports. Nothing the product needs at run time. */
module handover.lab {
  requires transitive handover.monitor;
  requires com.fasterxml.jackson.core;
  requires HdrHistogram;

  exports handover.lab;
}
