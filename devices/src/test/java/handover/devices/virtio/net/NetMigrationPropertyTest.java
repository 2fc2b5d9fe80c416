package handover.devices.virtio.net;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Whatever a guest does between the steps of a migration, and wherever the migration stops or gives
 * up, the destination ends with the source's state.
 */
class NetMigrationPropertyTest {
  @Property(tries = 80, shrinking = ShrinkingMode.OFF)
  void theDestinationEndsWithTheSourcesState(@ForAll long seed) {
    new MigratingNetGuest(seed).run();
  }
}
