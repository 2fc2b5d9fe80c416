package handover.devices.virtio.net;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.devices.net.Netdev;
import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.Features;
import handover.devices.virtio.VirtioDevice;
import handover.devices.virtio.VirtioFault;
import handover.devices.virtio.VirtioState;
import handover.devices.virtio.Virtqueue;
import handover.devices.virtio.backend.DataPlane;
import handover.devices.virtio.backend.NetConfiguration;
import handover.devices.virtio.backend.RingBackEnd;
import handover.memory.GuestMemory;
import handover.vmstate.BackEndBudget;
import handover.vmstate.CarriesFrames;
import handover.vmstate.StateDeclaration;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The network device (virtio 1.2, 5.1) in front of a {@link Netdev}.
 *
 * <p>Queues are receive and transmit in turn, one of each per queue pair, and then the control
 * queue. The wire carries plain frames: offloads that the driver asks for are done here ({@link
 * Transmission}), and received frames carry an empty header. Received frames wait in {@link
 * PendingFrames} while the driver has no buffers or the machine is paused.
 */
public final class VirtioNet extends VirtioDevice<VirtioNetState> implements CarriesFrames {
  /** QEMU's name for the device. */
  public static final String DRIVER = NetProperties.DRIVER;

  private static final long LAST_FRAMES_NANOS = 50_000_000L;
  static final StateDeclaration<VirtioNetState> DECLARATION = VirtioNetState.declareNet();

  private final PropertyValues properties;
  private final Netdev netdev;
  private final int maxQueuePairs;
  private final byte[] address;
  private final NetControl control;
  private final ControlCommands commands;
  private final DeferredInterrupts deferred;
  private final Transmitter transmitter;
  private final Receiver receiver;
  private final Optional<DataPlane> dataPlane;
  private final Optional<RingBackEnd> rings;

  private VirtioNet(PropertyValues properties, Netdev netdev, GuestMemory memory) {
    super(NetIdentity.of(properties, netdev), memory);
    this.properties = properties;
    this.netdev = netdev;
    this.maxQueuePairs = properties.number("queues");
    this.address = properties.mac("mac");
    this.control = new NetControl(address, maxQueuePairs);
    this.deferred = new DeferredInterrupts(control.coalescing, this::raiseQueueInterrupt);
    this.commands = new ControlCommands(control, maxQueuePairs);
    this.transmitter = new Transmitter(netdev);
    this.receiver = new Receiver(control);
    this.dataPlane = netdev.dataPlane();
    dataPlane.ifPresent(p -> p.onServing(this::serves));
    this.rings = netdev.rings();
    netdev.attach(
        new Netdev.FrameSink() {
          @Override
          public boolean deliver(byte[] frame, int offset, int length) {
            return receiver.offer(frame, offset, length);
          }

          @Override
          public void endOfBatch() {
            framesArrived();
          }
        });
  }

  /** Everything that can be set. */
  public static List<Property> declaredProperties() {
    return NetProperties.declared();
  }

  /**
   * Makes a device.
   *
   * @param given properties as typed; the back end is one of them
   * @param number counts the machine's network devices from 0, for the default address
   * @param netdevs finds a back end by its id
   * @param problems hears of everything wrong; nothing is made then
   */
  public static Optional<VirtioNet> create(
      Map<String, String> given,
      int number,
      Function<String, Optional<Netdev>> netdevs,
      GuestMemory memory,
      Consumer<String> problems) {
    Optional<PropertyValues> values = NetProperties.bind(given, number, problems);
    String id = given.getOrDefault("netdev", "");
    Optional<Netdev> netdev = id.isEmpty() ? Optional.empty() : netdevs.apply(id);
    if (netdev.isEmpty()) {
      problems.accept(
          id.isEmpty()
              ? DRIVER + ": netdev= is missing"
              : "%s: there is no netdev with id '%s'".formatted(DRIVER, id));
    }
    return values.flatMap(v -> netdev.flatMap(n -> inFrontOf(n, v, memory, problems)));
  }

  private static Optional<VirtioNet> inFrontOf(
      Netdev netdev, PropertyValues values, GuestMemory memory, Consumer<String> problems) {
    int pairs = values.number("queues");
    int most = netdev.rings().map(RingBackEnd::queuePairs).orElse(pairs);
    if (pairs > most) {
      problems.accept(
          "%s: queues=%d, but netdev '%s' has queues=%d"
              .formatted(DRIVER, pairs, netdev.id(), most));
      return Optional.empty();
    }
    VirtioNet device = new VirtioNet(values, netdev, memory);
    try {
      device.connectRings();
      return Optional.of(device);
    } catch (IOException e) {
      problems.accept("%s: netdev '%s': %s".formatted(DRIVER, netdev.id(), e.getMessage()));
      return Optional.empty();
    }
  }

  /** Somebody else works the data queues: we pass on kicks and interrupts, and keep the link. */
  private void connectRings() throws IOException {
    if (rings.isPresent()) {
      rings.get().connect(memory(), maxQueuePairs, new RingsFront());
    }
  }

  private final class RingsFront implements RingBackEnd.Front {
    @Override
    public void interrupt(int queue) {
      raiseQueueInterrupt(queue);
    }

    @Override
    public void lost() {
      setLink(false);
    }

    @Override
    public void returned() {
      whileRunning(
          () -> {
            leaveRings();
            serveRings();
          });
      setLink(true);
    }
  }

  @Override
  public PropertyValues properties() {
    return properties;
  }

  /** The back end. */
  public Netdev netdev() {
    return netdev;
  }

  // ---- What migration needs beyond its interface.

  /** Asks the driver to announce itself, if it can; it answers with a control command. */
  public void announce() {
    withLock(
        () -> {
          if (negotiated(NetFeatures.GUEST_ANNOUNCE | NetFeatures.CTRL_VQ)) {
            control.status |= NetControl.ANNOUNCE;
            configChanged();
          }
        });
  }

  /** Sends one round of reverse ARP for every address of the guest, so that switches learn. */
  public void announceSelf() {
    withLock(
        () -> {
          boolean byItself = negotiated(NetFeatures.GUEST_ANNOUNCE | NetFeatures.CTRL_VQ);
          if (rings.isPresent() && byItself) {
            return; // A back end speaks only for guests that cannot.
          }
          Announcement.ofAll(control, this::sendAnnouncement);
          netdev.flush();
        });
  }

  // ---- Frames that travel with the guest.

  @Override
  public void beginForwarding(Runnable news) {
    receiver.frames().beginForwarding(news);
  }

  @Override
  public List<byte[]> takeFrames(int mostBytes) {
    return receiver.frames().take(mostBytes);
  }

  @Override
  public boolean departed() {
    return rings.isPresent() || receiver.frames().departed();
  }

  @Override
  public void endForwarding() {
    receiver.frames().endForwarding();
  }

  @Override
  public void returnFrames(List<byte[]> frames) {
    receiver.frames().returned(frames);
    framesArrived();
  }

  @Override
  public void expectFrames() {
    receiver.frames().expect();
  }

  @Override
  public void takeOver() {
    receiver.frames().takeOver();
  }

  @Override
  public boolean carriedFrame(byte[] frame) {
    // Only the rings' other end can put it in; to it, this is a frame lost on the wire.
    boolean taken = rings.isPresent() || receiver.carried(frame);
    framesArrived();
    return taken;
  }

  @Override
  public void endCarrying() {
    receiver.frames().endCarrying();
    framesArrived();
  }

  /** Plugs the cable in, or pulls it. */
  public void setLink(boolean up) {
    withLock(
        () -> {
          boolean was = (control.status & NetControl.LINK_UP) != 0;
          if (up != was) {
            if (up) {
              // What came while it was out, and was not looked at yet, has not come.
              receiver.frames().clear();
            }
            control.status ^= NetControl.LINK_UP;
            configChanged();
          }
        });
  }

  @Override
  public StateDeclaration<VirtioNetState> declaration() {
    return DECLARATION;
  }

  // ---- Queues.

  @Override
  protected void queueNotified(int index) {
    if (index == controlQueue()) {
      drain(queue(index), this::command);
    } else if (index >= 2 * maxQueuePairs || rings.isPresent() || !served()) {
      return;
    } else if ((index & 1) == 0) {
      receive();
    } else if (index >= 2 * control.queuePairs) {
      return;
    } else if (transmitter.run(queue(index), guestFeatures(), linkUp())) {
      kick(index);
    }
  }

  private int command(DescriptorChain chain) {
    if (commands.handle(chain, guestFeatures())) {
      stateChanged();
      // What was put off under other rules may be due now.
      deferred.flush();
      dataPlane.ifPresent(p -> p.update(configuration(snapshot())));
    }
    return commands.written();
  }

  @Override
  protected boolean defersInterrupt(int queue, int chains, boolean wanted) {
    if (!negotiated(NetFeatures.NOTF_COAL) && !negotiated(NetFeatures.VQ_NOTF_COAL)) {
      return false;
    }
    boolean takenCareOf = deferred.published(queue, chains, wanted, System.nanoTime());
    if (takenCareOf) {
      wakeAt(deferred.nextDeadline());
    }
    return takenCareOf;
  }

  @Override
  protected long expire(long now) {
    return deferred.expire(now);
  }

  @Override
  protected void quiesce() {
    deferred.flush();
    if (rings.isPresent()) {
      dataPlane.ifPresent(DataPlane::suspend);
      leaveRings();
    }
  }

  // ---- Rings that somebody else works.

  @Override
  protected boolean kickedElsewhere(int queue) {
    if (rings.isEmpty() || queue == controlQueue() || queue >= 2 * maxQueuePairs) {
      return false;
    }
    rings.get().kick(queue);
    return true;
  }

  @Override
  protected long offerable(long features) {
    return rings.map(r -> r.features(features)).orElse(features);
  }

  /** Nobody works the rings now: finds out how far they were worked. */
  private void leaveRings() {
    rings
        .get()
        .stoppedAt()
        .ifPresentOrElse(
            positions -> positions.forEach(this::takeOver),
            () -> {
              for (int i = 0; driverReady() && i < 2 * maxQueuePairs; i++) {
                recover(i);
              }
            });
  }

  private void ringsReset(RingBackEnd back) {
    var unused = back.stoppedAt();
    if (!back.connected()) {
      control.status &= ~NetControl.LINK_UP;
    }
  }

  private void serveRings() {
    VirtioNetState state = snapshot();
    dataPlane.ifPresent(p -> p.resume(configuration(state), state.queuePositions()));
  }

  @Override
  protected void queueReset(int queue) {
    deferred.clear(queue);
  }

  /** Whether the back end is ready to take and give frames. */
  private boolean served() {
    return dataPlane.isEmpty() || dataPlane.get().serving();
  }

  /** The back end serves from now on: what the driver did before was seen by nobody. */
  private void serves() {
    for (int i = 0; rings.isPresent() && i < queueCount(); i++) {
      kick(i);
    }
    kickAll();
  }

  private void receive() {
    if (rings.isPresent() || !served()) {
      return;
    }
    if (receiver.run(this::queue, guestFeatures(), linkUp())) {
      kick(0);
    }
  }

  /** On the back end's thread; leaves it to the worker when somebody is using the device. */
  private void framesArrived() {
    if (!tryWhileRunning(this::receive)) {
      receiver.frames().arrived();
      kick(0);
    }
  }

  /** After all pairs the device has, if the driver knows of them, else after the first. */
  private int controlQueue() {
    if (!negotiated(NetFeatures.CTRL_VQ)) {
      return -1;
    }
    boolean several = negotiated(NetFeatures.MQ) || negotiated(NetFeatures.RSS);
    return several ? 2 * maxQueuePairs : 2;
  }

  private boolean linkUp() {
    return (control.status & NetControl.LINK_UP) != 0;
  }

  private void sendAnnouncement(byte[] macs, int offset) {
    if (rings.isPresent()) {
      rings.get().announce(Arrays.copyOfRange(macs, offset, offset + NetControl.MAC_BYTES));
      return;
    }
    byte[] frame = Announcement.rarp(macs, offset);
    netdev.send(frame, 0, frame.length);
  }

  // ---- Configuration and life cycle.

  /** What the guest sent shall not come after what it sends on another host. */
  @Override
  protected void quiet() {
    netdev.awaitSent(LAST_FRAMES_NANOS);
  }

  @Override
  protected void resumed() {
    receiver.frames().resumed();
    if (rings.isPresent()) {
      if (driverReady()) {
        serveRings();
      }
      setLink(rings.get().connected());
    }
  }

  @Override
  protected void fillConfig(ByteBuffer space) {
    NetConfigSpace.fill(space, properties, control, identity().configLength());
  }

  /** Only a legacy driver without the command for it writes its address here. */
  @Override
  protected void configWritten(int offset, int bytes, long value) {
    boolean readOnly = (guestFeatures() & (Features.VERSION_1 | NetFeatures.CTRL_MAC_ADDR)) != 0;
    if (readOnly || offset + bytes > NetControl.MAC_BYTES) {
      return;
    }
    for (int i = 0; i < bytes; i++) {
      control.mac[offset + i] = (byte) (value >>> 8 * i);
    }
    stateChanged();
  }

  @Override
  protected void featuresNegotiated(long features) {
    control.guestOffloads = features & NetFeatures.GUEST_OFFLOADS;
    Arrays.fill(control.vlans, (byte) ((features & NetFeatures.CTRL_VLAN) == 0 ? 0xff : 0));
  }

  @Override
  protected void driverOk() {
    receiver.open();
    dataPlane.ifPresent(
        p -> {
          VirtioNetState state = snapshot();
          p.start(configuration(state), state.queuePositions());
        });
  }

  @Override
  protected void deviceReset() {
    dataPlane.ifPresent(DataPlane::reset);
    receiver.close();
    deferred.clear();
    control.reset(address);
    rings.ifPresent(this::ringsReset);
  }

  // ---- State.

  @Override
  protected VirtioNetState newState(VirtioState.Shape shape) {
    return new VirtioNetState(shape, maxQueuePairs, address);
  }

  @Override
  protected void saveDevice(VirtioNetState state) {
    state.control.copyFrom(control);
    for (int i = 0; i < control.queuePairs; i++) {
      state.transmitWaiting[i] = mayHaveAvailable(queue(2 * i + 1));
    }
  }

  @Override
  protected CompletionStage<Void> stageDevice(VirtioNetState early) {
    control.copyFrom(early.control);
    return dataPlane
        .map(p -> p.stage(configuration(early)))
        .orElseGet(() -> CompletableFuture.completedStage(null));
  }

  @Override
  protected void loadDevice(VirtioNetState state) {
    control.copyFrom(state.control);
    receiver.close();
    if (driverReady()) {
      receiver.open();
    }
    if (rings.isPresent()) {
      dataPlane.ifPresent(p -> p.load(configuration(state), state.queuePositions()));
    } else {
      dataPlane.ifPresent(p -> p.commit(configuration(state), state.queuePositions()));
    }
  }

  @Override
  public Optional<BackEndBudget> backEndBudget() {
    return dataPlane.map(DataPlane::budget);
  }

  private NetConfiguration configuration(VirtioNetState state) {
    return BackEndConfiguration.of(state, BackEndConfiguration.reachable(memory()));
  }

  @Override
  protected void abortDevice() {
    control.reset(address);
  }

  private static boolean mayHaveAvailable(Virtqueue queue) {
    try {
      return queue.hasAvailable();
    } catch (VirtioFault brokenRing) {
      return false;
    }
  }
}
