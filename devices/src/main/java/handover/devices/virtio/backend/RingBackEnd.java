package handover.devices.virtio.backend;

import handover.memory.GuestMemory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A back end that works a network device's data queues itself, in guest memory: the device's side
 * only passes on kicks and interrupts, and keeps the control queue. Set up through a {@link
 * DataPlane}.
 */
public interface RingBackEnd {
  /** The device in front of it. */
  interface Front {
    /** Interrupts the driver on behalf of a queue. Any thread; never waits. */
    void interrupt(int queue);

    /** The back end is gone; nothing of what it was told is known to it. */
    void lost();

    /** A back end is there again, and knows nothing. */
    void returned();
  }

  /** Queue pairs a device may have in front of it. */
  int queuePairs();

  /** Those of {@code offered} features that a device in front of it may offer. */
  long features(long offered);

  /**
   * Connects the device, once, before the machine runs.
   *
   * @param memory where the rings and buffers will be; shared with the back end
   * @param pairs the device's queue pairs
   */
  void connect(GuestMemory memory, int pairs, Front front) throws IOException;

  /** Whether there is a back end now. */
  boolean connected();

  /** The driver put something into a data queue. Any thread; never waits. */
  void kick(int queue);

  /**
   * Where the queues stand that were worked since this was asked last, now that they are not.
   *
   * @return empty if the back end was lost before it could say
   */
  Optional<List<QueuePosition>> stoppedAt();

  /** Has the network told where this address is now. */
  void announce(byte[] mac);

  /**
   * Starts or stops the log of pages that the back end writes.
   *
   * @throws handover.vmstate.StreamException if it cannot keep one
   */
  void recordDirtyPages(boolean on);

  /** Moves what was logged into the dirty logs of the RAM blocks. */
  void collectDirtyPages();
}
