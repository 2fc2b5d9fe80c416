package handover.devices.net;

import handover.devices.virtio.backend.DataPlane;
import handover.devices.virtio.backend.RingBackEnd;
import java.util.Optional;

/** A network back end: where a virtio-net device's frames go to and come from. */
public interface Netdev extends AutoCloseable {
  /** Receives frames from a back end. */
  @FunctionalInterface
  interface FrameSink {
    /**
     * Takes one Ethernet frame without FCS; the array may be reused after return.
     *
     * @param length in bytes; a peer may have sent fewer than an Ethernet header has
     * @return false if the frame was dropped
     */
    boolean deliver(byte[] frame, int offset, int length);

    /** No more frames have arrived for now: interrupt, forward, wake up whoever waits. */
    default void endOfBatch() {}
  }

  /** The {@code id=} it was given. */
  String id();

  /** Kind, such as {@code stream}. */
  String kind();

  /** Connects the device side. Frames arrive on the back end's own thread. */
  void attach(FrameSink device);

  /**
   * Takes one frame to send, which is copied; never blocks. It may wait for {@link #flush}.
   *
   * @return false if it had to be dropped
   */
  boolean send(byte[] frame, int offset, int length);

  /** Ends a batch of {@link #send}: everything taken is on its way. Never blocks. */
  default void flush() {}

  /** Waits until everything taken has left this process; no longer than {@code nanos}. */
  default void awaitSent(long nanos) {}

  /** What must be set up before this back end serves a device, if it serves the rings itself. */
  default Optional<DataPlane> dataPlane() {
    return Optional.empty();
  }

  /** The rings' other end, for a back end that works them itself: no frames come this way then. */
  default Optional<RingBackEnd> rings() {
    return Optional.empty();
  }

  /** What has passed so far. */
  FrameCounts counts();

  /** One line for {@code info network}. */
  String describe();

  @Override
  void close();
}
