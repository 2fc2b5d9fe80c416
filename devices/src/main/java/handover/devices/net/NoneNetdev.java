package handover.devices.net;

import handover.devices.vhost.UnpluggedRings;
import handover.devices.virtio.backend.RingBackEnd;
import java.util.Optional;

/**
 * A cable that is not plugged in.
 *
 * @param ringPairs queue pairs of the vhost-user back end that is missing; 0 for none
 */
record NoneNetdev(String id, int ringPairs) implements Netdev {
  @Override
  public String kind() {
    return "none";
  }

  @Override
  public void attach(FrameSink device) {
    // Nothing ever arrives.
  }

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    return false;
  }

  @Override
  public Optional<RingBackEnd> rings() {
    return ringPairs == 0 ? Optional.empty() : Optional.of(new UnpluggedRings(ringPairs));
  }

  @Override
  public FrameCounts counts() {
    return new FrameCounters().counts();
  }

  @Override
  public String describe() {
    return id + ": type=none";
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
