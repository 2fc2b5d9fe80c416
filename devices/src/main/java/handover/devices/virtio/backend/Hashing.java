package handover.devices.virtio.backend;

import java.util.List;

/**
 * What the device hashes received packets for (virtio 1.2, 5.1.6.4.3 and 5.1.6.5.6).
 *
 * <p>Keys are lists of unsigned bytes, so that two equal configurations are equal.
 */
public sealed interface Hashing {
  /** No hash is computed; the device chooses queues as it likes. */
  record Off() implements Hashing {}

  /**
   * Hashes are reported to the driver, queues are not chosen by them.
   *
   * @param types VIRTIO_NET_HASH_TYPE_* bits
   * @param key up to 255 bytes
   */
  record Report(int types, List<Integer> key) implements Hashing {
    /** Copies. */
    public Report {
      key = List.copyOf(key);
    }
  }

  /**
   * Receive-side scaling: hashes choose the queue.
   *
   * @param types VIRTIO_NET_HASH_TYPE_* bits
   * @param table receive queue pair by hash; its length is a power of two
   * @param unclassified receive queue pair of packets without a hash
   * @param key 1 to 255 bytes
   */
  record Steering(int types, List<Integer> table, int unclassified, List<Integer> key)
      implements Hashing {
    /** Copies. */
    public Steering {
      table = List.copyOf(table);
      key = List.copyOf(key);
    }
  }

  /** The one {@link Off}. */
  Hashing OFF = new Off();
}
