package handover.devices.vhost;

import handover.devices.virtio.Features;
import handover.devices.virtio.backend.BackEndDevice;
import handover.devices.virtio.backend.BackEndStep;
import handover.devices.virtio.backend.ControlCommand;
import handover.devices.virtio.backend.QueuePosition;
import handover.devices.virtio.backend.QueueSetup;
import handover.memory.GuestMemory;
import handover.vmstate.StreamException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The steps of a set-up in vhost-user's words, and what the back end has been told.
 *
 * <p>Guarded by its own monitor, which is held while a reply is awaited and never together with a
 * device's lock taken inside it.
 */
final class VhostBackEnd implements BackEndDevice {
  private final String name;
  private final GuestMemory memory;
  private final int pairs;
  private final VhostEvents events;
  private final VhostLog log;

  private Optional<VhostConnection> connection = Optional.empty();
  private final NavigableMap<Integer, QueueSetup> queues = new TreeMap<>();
  private long features;
  private int pairsInUse = 1;
  private boolean memoryTold;
  private boolean started;
  private boolean serving;
  private boolean logging;
  private boolean ran;
  private Optional<List<QueuePosition>> stoppedAt = Optional.empty();

  /**
   * A back end that nothing was told.
   *
   * @param pairs queue pairs of the device in front of it
   */
  VhostBackEnd(String name, GuestMemory memory, int pairs, VhostEvents events) {
    this.name = name;
    this.memory = memory;
    this.pairs = pairs;
    this.events = events;
    this.log = new VhostLog(memory);
  }

  // ---- Connections come and go.

  /** A back end that knows nothing is there. */
  synchronized void connected(VhostConnection fresh) {
    connection = Optional.of(fresh);
  }

  /** It is gone, and everything it was told with it. What it wrote last it did not log. */
  synchronized void disconnected() {
    connection = Optional.empty();
    forget();
    memoryTold = false;
    events.end(true);
    if (logging) {
      log.markAll();
    }
  }

  synchronized boolean isConnected() {
    return connection.isPresent();
  }

  // ---- Steps.

  @Override
  public synchronized void perform(BackEndStep step) {
    VhostConnection to =
        connection.orElseThrow(
            () -> new UncheckedIOException(new IOException("there is no back end at its socket")));
    try {
      carryOut(step, to);
      to.settle();
      if (step instanceof BackEndStep.Enable) {
        // A ring begins to be worked at its first kick, and what was kicked before is forgotten.
        queues.keySet().forEach(events::kick);
      }
    } catch (IOException e) {
      to.shutDown();
      throw new UncheckedIOException(e);
    }
  }

  private void carryOut(BackEndStep step, VhostConnection to) throws IOException {
    switch (step) {
      case BackEndStep.Pin s -> shareMemory(to);
      case BackEndStep.SetUpDevice s -> setUp(s, to);
      case BackEndStep.SetUpQueue s -> setUp(s.queue(), to);
      case BackEndStep.Command s -> command(s.command(), to);
      case BackEndStep.LoadState s -> load(s.positions(), to);
      case BackEndStep.Enable s -> enable(to);
      case BackEndStep.Suspend s -> suspend(to);
      case BackEndStep.Reset s -> reset(to);
    }
  }

  /** All of it with the first piece: there is one table. */
  private void shareMemory(VhostConnection to) throws IOException {
    if (memoryTold) {
      return;
    }
    List<VhostConnection.Region> regions = new ArrayList<>();
    for (GuestMemory.Mapping at : memory.mappings()) {
      if (at.writable()) {
        int descriptor =
            at.block()
                .mapping()
                .fileDescriptor()
                .orElseThrow(() -> new IOException("guest memory has no file descriptor"));
        regions.add(new VhostConnection.Region(at.base(), at.block().size(), descriptor));
      }
    }
    to.tellMemory(regions);
    memoryTold = true;
  }

  private void setUp(BackEndStep.SetUpDevice device, VhostConnection to) throws IOException {
    if (logging) {
      to.tellLog(log.bytes(), log.descriptor());
    }
    features = device.features() & VhostFeatures.SHARED;
    pairsInUse = device.initial().queuePairs();
    tellFeatures(to);
  }

  private void tellFeatures(VhostConnection to) throws IOException {
    to.tellFeatures(
        features | VhostFeatures.PROTOCOL_FEATURES | (logging ? VhostFeatures.LOG_ALL : 0));
  }

  private void setUp(QueueSetup queue, VhostConnection to) throws IOException {
    if (queue.index() < dataQueues()) {
      queues.put(queue.index(), queue);
      tellQueue(queue, to);
    }
  }

  private void tellQueue(QueueSetup queue, VhostConnection to) throws IOException {
    to.tellSize(queue);
    to.tellAddresses(queue, logging);
  }

  /** The control queue is ours; without MQ it is queue 2, whatever the device has. */
  private int dataQueues() {
    return 2 * ((features & VhostFeatures.NET_MQ) == 0 ? 1 : pairs);
  }

  /** Of what the control queue can say, the number of queue pairs has a word in vhost-user. */
  private void command(ControlCommand command, VhostConnection to) throws IOException {
    if (command instanceof ControlCommand.SetQueuePairs set) {
      pairsInUse = set.pairs();
      if (serving) {
        tellEnabled(to);
      }
    }
  }

  private void load(List<QueuePosition> positions, VhostConnection to) throws IOException {
    boolean again = started;
    started = true;
    events.begin();
    for (QueuePosition at : positions) {
      QueueSetup queue = queues.get(at.index());
      if (queue == null) {
        continue;
      }
      if (again) {
        tellQueue(queue, to);
      }
      to.tellBase(at.index(), base(at));
      to.tellCall(at.index(), events.callDescriptor(at.index()));
      to.tellKick(at.index(), events.kickDescriptor(at.index()));
    }
  }

  private int base(QueuePosition at) {
    return packed() ? at.lastAvailable() | at.used() << 16 : at.lastAvailable();
  }

  private boolean packed() {
    return (features & Features.RING_PACKED) != 0;
  }

  private void enable(VhostConnection to) throws IOException {
    ran = true;
    serving = true;
    stoppedAt = Optional.empty();
    tellEnabled(to);
  }

  private void tellEnabled(VhostConnection to) throws IOException {
    for (int ring : queues.keySet()) {
      to.tellEnabled(ring, ring < 2 * pairsInUse);
    }
  }

  private void suspend(VhostConnection to) throws IOException {
    stoppedAt = Optional.of(stop(to));
    events.end(true);
  }

  private void reset(VhostConnection to) throws IOException {
    stop(to);
    events.end(false);
    forget();
    ran = false;
  }

  /** Stopped first and disabled then: what a disabled ring is given to send would be lost. */
  private List<QueuePosition> stop(VhostConnection to) throws IOException {
    List<QueuePosition> positions = new ArrayList<>();
    if (started) {
      List<Integer> rings = List.copyOf(queues.keySet());
      int[] bases = to.stop(rings);
      for (int i = 0; i < bases.length; i++) {
        positions.add(new QueuePosition(rings.get(i), bases[i] & 0xffff, bases[i] >>> 16));
        to.tellEnabled(rings.get(i), false);
      }
    }
    serving = false;
    return positions;
  }

  private void forget() {
    queues.clear();
    started = false;
    serving = false;
    stoppedAt = Optional.empty();
  }

  /** See {@link handover.devices.virtio.backend.RingBackEnd#stoppedAt}. */
  synchronized Optional<List<QueuePosition>> takePositions() {
    if (!ran) {
      return Optional.of(List.of());
    }
    ran = false;
    return stoppedAt;
  }

  synchronized void announce(byte[] mac) {
    connection.ifPresent(
        to -> {
          try {
            to.tellAnnounce(mac);
            to.settle();
          } catch (IOException e) {
            to.shutDown();
          }
        });
  }

  // ---- The log of pages written.

  synchronized void recordDirtyPages(boolean on) {
    if (on && connection.isPresent() && !connection.get().logs()) {
      throw new StreamException(
          name
              + ": its back end cannot log the pages it writes (VHOST_F_LOG_ALL and"
              + " VHOST_USER_PROTOCOL_F_LOG_SHMFD); the guest cannot move while it is used");
    }
    if (logging == on) {
      return;
    }
    log.clear();
    logging = on;
    connection.filter(to -> !queues.isEmpty()).ifPresent(this::tellLogging);
  }

  private void tellLogging(VhostConnection to) {
    try {
      if (logging) {
        to.tellLog(log.bytes(), log.descriptor());
      }
      tellFeatures(to);
      for (QueueSetup queue : queues.values()) {
        to.tellAddresses(queue, logging);
      }
      to.settle();
    } catch (IOException e) {
      to.shutDown();
      if (logging) {
        throw new StreamException(
            "%s: the back end did not begin to log the pages it writes: %s"
                .formatted(name, e.getMessage()),
            e);
      }
    }
  }

  synchronized void collectDirtyPages() {
    if (logging) {
      log.collect();
    }
  }
}
