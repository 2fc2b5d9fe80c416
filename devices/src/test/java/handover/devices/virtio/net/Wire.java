package handover.devices.virtio.net;

import handover.devices.net.FrameCounts;
import handover.devices.net.Netdev;
import handover.devices.virtio.backend.DataPlane;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A wire whose far end is the test. */
final class Wire implements Netdev {
  final List<byte[]> sent = new CopyOnWriteArrayList<>();
  private final Optional<DataPlane> dataPlane;
  private FrameSink device = (frame, offset, length) -> false;

  Wire() {
    dataPlane = Optional.empty();
  }

  /** A wire behind a back end that must be set up. */
  Wire(DataPlane dataPlane) {
    this.dataPlane = Optional.of(dataPlane);
  }

  @Override
  public Optional<DataPlane> dataPlane() {
    return dataPlane;
  }

  /** Gives frames to the device, in one batch; returns how many it took. */
  int deliver(byte[]... frames) {
    int taken = 0;
    for (byte[] frame : frames) {
      taken += device.deliver(frame, 0, frame.length) ? 1 : 0;
    }
    device.endOfBatch();
    return taken;
  }

  @Override
  public void attach(FrameSink sink) {
    device = sink;
  }

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    sent.add(Arrays.copyOfRange(frame, offset, offset + length));
    return true;
  }

  @Override
  public String id() {
    return "n0";
  }

  @Override
  public String kind() {
    return "test";
  }

  @Override
  public FrameCounts counts() {
    return new FrameCounts(sent.size(), 0, 0, 0, 0, 0);
  }

  @Override
  public String describe() {
    return "test";
  }

  @Override
  public void close() {}
}
