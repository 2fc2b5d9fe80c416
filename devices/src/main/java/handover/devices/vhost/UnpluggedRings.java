package handover.devices.vhost;

import handover.devices.virtio.backend.QueuePosition;
import handover.devices.virtio.backend.RingBackEnd;
import handover.memory.GuestMemory;
import java.util.List;
import java.util.Optional;

/**
 * The place of a vhost-user back end that has every feature one can have, and is not there: what a
 * device in front of one offers, without one.
 *
 * @param queuePairs a device's at most
 */
public record UnpluggedRings(int queuePairs) implements RingBackEnd {
  @Override
  public long features(long offered) {
    return offered & ~VhostFeatures.IMPOSSIBLE;
  }

  @Override
  public void connect(GuestMemory memory, int pairs, Front front) {
    // Nobody comes.
  }

  @Override
  public boolean connected() {
    return false;
  }

  @Override
  public void kick(int queue) {
    // Nobody hears it.
  }

  @Override
  public Optional<List<QueuePosition>> stoppedAt() {
    return Optional.of(List.of());
  }

  @Override
  public void announce(byte[] mac) {
    // Nobody hears it.
  }

  @Override
  public void recordDirtyPages(boolean on) {
    // Nobody writes any.
  }

  @Override
  public void collectDirtyPages() {
    // Nobody wrote any.
  }
}
