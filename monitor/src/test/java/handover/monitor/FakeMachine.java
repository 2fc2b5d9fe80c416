package handover.monitor;

import handover.devices.Property;
import handover.devices.PropertyValues;
import handover.machine.DeviceNode;
import handover.machine.MachineListener;
import handover.machine.MachineSpec;
import handover.machine.MachineView;
import handover.machine.RunState;
import handover.migration.MigrationControl;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A machine that only pretends, and tells its listeners as a real one would. */
public final class FakeMachine implements MonitoredMachine {
  private static final List<Property> NET =
      List.of(
          new Property("mac", Property.Kind.MAC, "52:54:00:12:34:56", true, "Address."),
          new Property("mq", Property.Kind.BOOL, "off", true, "Multiqueue."),
          new Property("rx_queue_size", Property.Kind.NUMBER, "256", true, "Entries."),
          new Property(
              "iterative-mig", Property.Kind.ON_OFF_AUTO, "auto", false, "Early migration."));

  /** When it stops, as it says. */
  public static final Instant STOPPED = Instant.ofEpochSecond(1_000, 5_000);

  public static final Instant RESUMED = STOPPED.plusSeconds(1);

  private final List<MachineListener> listeners = new CopyOnWriteArrayList<>();
  private final FakeMigration migration = new FakeMigration(this);
  private final PropertyValues netValues;
  private volatile RunState state = RunState.RUNNING;

  public FakeMachine() {
    this(Map.of());
  }

  public FakeMachine(Map<String, String> netProperties) {
    netValues =
        PropertyValues.bind(
            "virtio-net-device",
            NET,
            netProperties,
            p -> {
              throw new IllegalArgumentException(p);
            });
  }

  @Override
  public Optional<String> name() {
    return Optional.of("fake");
  }

  @Override
  public UUID uuid() {
    return new UUID(1, 2);
  }

  @Override
  public int harts() {
    return 2;
  }

  @Override
  public long memoryBytes() {
    return 256L << 20;
  }

  @Override
  public RunState runState() {
    return state;
  }

  public void become(RunState next) {
    state = next;
  }

  @Override
  public void stop() {
    if (state == RunState.RUNNING) {
      state = RunState.PAUSED;
      listeners.forEach(l -> l.stopped(STOPPED));
    }
  }

  @Override
  public void cont() {
    if (state == RunState.INMIGRATE) {
      throw new IllegalStateException("the guest has not arrived yet");
    }
    state = RunState.RUNNING;
    listeners.forEach(listener -> listener.resumed(RESUMED));
  }

  @Override
  public void reset() {
    listeners.forEach(l -> l.reset(false));
  }

  @Override
  public void powerdown() {
    listeners.forEach(MachineListener::powerdownRequested);
  }

  @Override
  public void quit() {
    state = RunState.SHUTDOWN;
    listeners.forEach(l -> l.shutDown(MachineListener.ShutdownCause.HOST_QMP_QUIT));
  }

  @Override
  public SocketAddress listen(String uri) {
    if (state != RunState.INMIGRATE) {
      throw new IllegalStateException("it does not wait for a guest; it is " + state.wireName());
    }
    return migration.listen(uri);
  }

  @Override
  public MigrationControl migration() {
    return migration;
  }

  public FakeMigration fakeMigration() {
    return migration;
  }

  @Override
  public List<DeviceNode> devices() {
    return List.of(
        new DeviceNode(
            "net0",
            "virtio-net-device",
            "/machine/peripheral/net0",
            "virtio-mmio@0000000010008000/virtio-net",
            netValues,
            "virtio-mmio-bus.7"));
  }

  @Override
  public MachineView view() {
    return new FakeView();
  }

  @Override
  public MachineSpec spec() {
    return MachineSpec.builder()
        .memoryBytes(memoryBytes())
        .harts(harts())
        .chardevs(List.of(new MachineSpec.Backend("null", Map.of("id", "c0"))))
        .drives(List.of(new MachineSpec.Backend("", Map.of("id", "d0", "file", "disk.img"))))
        .serials(List.of("stdio"))
        .build();
  }

  @Override
  public List<String> networks() {
    return List.of("n0: stream, connected to /tmp/hub.sock");
  }

  @Override
  public void addListener(MachineListener listener) {
    listeners.add(listener);
  }
}
