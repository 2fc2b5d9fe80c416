package handover.devices.virtio;

import handover.memory.GuestMemory;
import java.util.Arrays;
import java.util.List;

/**
 * The queues of a device: one {@link Vring} each, of the format that was negotiated, and all of
 * them through setting up, reset and migration. Guarded by the device's lock.
 */
final class VringSet {
  private final List<Integer> sizes;
  private final GuestMemory memory;
  private final Vring.Listener listener;
  private final Vring[] rings;

  /**
   * Queues that no driver has touched.
   *
   * @param sizes entries each has until its driver chooses, and the most that it is offered
   * @param listener hears of every publication
   */
  VringSet(List<Integer> sizes, GuestMemory memory, Vring.Listener listener) {
    this.sizes = sizes;
    this.memory = memory;
    this.listener = listener;
    this.rings = new Vring[sizes.size()];
    for (int i = 0; i < rings.length; i++) {
      replace(i, false);
    }
  }

  private void replace(int index, boolean packed) {
    rings[index] = Vring.of(packed, index, memory, listener);
    rings[index].configure(initial(index));
  }

  private QueueLayout initial(int index) {
    return QueueLayout.initial(sizes.get(index));
  }

  int count() {
    return rings.length;
  }

  Vring at(int index) {
    return rings[index];
  }

  List<Vring> all() {
    return Arrays.asList(rings);
  }

  /** Entries a queue has until its driver chooses, and the most that it is offered. */
  int room(int index) {
    return sizes.get(index);
  }

  /** Gives every queue the ring format and features that were negotiated. */
  void negotiated(long features) {
    boolean packed = (features & Features.RING_PACKED) != 0;
    for (int i = 0; i < rings.length; i++) {
      if (packed != rings[i] instanceof PackedVirtqueue) {
        replace(i, packed);
      }
      rings[i].negotiated(features);
    }
  }

  /** A queue at its beginning, where the driver put it. */
  void configure(int index, QueueLayout layout) {
    rings[index].configure(layout);
    rings[index].restart();
  }

  /** As if no driver had touched a queue. */
  void reset(int index) {
    configure(index, initial(index));
  }

  /** The same for all of them, in the usual format. */
  void reset() {
    negotiated(0);
    for (int i = 0; i < rings.length; i++) {
      reset(i);
    }
  }

  /** Puts into {@code states} where every queue lies and how far it is. */
  void capture(QueueState[] states) {
    for (int i = 0; i < rings.length; i++) {
      states[i].layout = rings[i].layout();
      states[i].lastAvailable = rings[i].lastAvailable();
      states[i].used = rings[i].usedPosition();
    }
  }

  /** Takes over where every queue lies. Touches no guest memory. */
  void adopt(QueueState[] states, long features) {
    negotiated(features);
    for (int i = 0; i < rings.length; i++) {
      rings[i].configure(states[i].layout);
    }
  }

  /**
   * Takes over how far every queue is, now that guest memory is here.
   *
   * @param inUse whether the driver is ready, so that rings can be looked at
   * @throws VirtioFault if indices do not fit the rings
   */
  void continueAt(QueueState[] states, boolean inUse) {
    for (int i = 0; i < rings.length; i++) {
      QueueState state = states[i];
      if (!rings[i].ready()) {
        rings[i].restart();
      } else if (inUse) {
        rings[i].resumeAt(state.lastAvailable, state.used);
      } else {
        rings[i].leaveAt(state.lastAvailable, state.used);
      }
    }
  }
}
