package handover.migration;

import handover.vmstate.VmDescription;
import handover.vmstate.WireWriter;

/**
 * Saves every section once into nothing while the guest still runs: code that runs for the first
 * time while the guest stands still would make the downtime many times longer.
 */
final class SourceRehearsal {
  private SourceRehearsal() {}

  static void run(SourceSession session) {
    VmDescription description = new VmDescription(RamFormat.PAGE);
    WireWriter waste = new WireWriter();
    for (SourceSection<?> section : session.sections()) {
      section.saveClassic(waste, description);
      section.rehearse();
      waste.clear();
    }
    description.finish();
  }
}
