package handover.devices.net;

import handover.devices.virtio.backend.DataPlane;
import handover.vmstate.BackEndBudget;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A simulated vDPA device: its control plane takes as long as it was told to, and its frames go
 * through another back end.
 */
final class VdpaSim implements Netdev {
  private final String id;
  private final Netdev wire;
  private final DataPlane dataPlane;

  VdpaSim(String id, Netdev wire, VdpaCosts costs, Waiting waiting, LongSupplier nanoTime) {
    this.id = id;
    this.wire = wire;
    this.dataPlane = new DataPlane("netdev " + id, step -> waiting.spend(costs.of(step)), nanoTime);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String kind() {
    return "vdpa-sim";
  }

  @Override
  public Optional<DataPlane> dataPlane() {
    return Optional.of(dataPlane);
  }

  @Override
  public void attach(FrameSink device) {
    wire.attach(device);
  }

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    return wire.send(frame, offset, length);
  }

  @Override
  public void flush() {
    wire.flush();
  }

  @Override
  public void awaitSent(long nanos) {
    wire.awaitSent(nanos);
  }

  @Override
  public FrameCounts counts() {
    return wire.counts();
  }

  @Override
  public String describe() {
    BackEndBudget budget = dataPlane.budget();
    return "%s: type=vdpa-sim,backend=%s,%s, set up in %d us, of which %d us in a blackout"
        .formatted(
            id,
            wire.id(),
            dataPlane.serving() ? "serving" : "not serving",
            budget.early().total() + budget.blackout().total(),
            budget.blackout().total());
  }

  /** The wire is closed by whoever opened it. */
  @Override
  public void close() {
    dataPlane.close();
  }
}
