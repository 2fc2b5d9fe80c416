package handover.diagnosis.stream;

import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.util.List;

/** A virtio device's section: which ones are, and what its driver has set up. */
public final class VirtioSection {
  /**
   * A queue.
   *
   * @param offset byte of the stream at which its entries stand, as 32 bits
   * @param entries how many
   * @param descriptors where the guest has them; 0 until a driver has set the queue up
   */
  public record Queue(long offset, int entries, long descriptors) {}

  private VirtioSection() {}

  /** Whether a section of this name is a virtio device's, on PCI or MMIO. */
  public static boolean is(String section) {
    return VirtioDecoder.knows(section);
  }

  /** Whether a virtio device's section of this name is a PCI function's; else it is on MMIO. */
  public static boolean onPci(String section) {
    return VirtioDecoder.onPci(section);
  }

  /** The device's name in that of its section, such as {@code virtio-net}. */
  public static String device(String section) {
    return section.substring(section.lastIndexOf('/') + 1);
  }

  /**
   * The device's queues.
   *
   * @param in reads the payload alone, and has been told where in the stream that begins
   * @param bytes the payload's length
   * @throws StreamException if it cannot be such a device
   */
  public static List<Queue> queues(WireReader in, long bytes, String section) {
    return VirtioDecoder.queues(in, bytes, section);
  }
}
