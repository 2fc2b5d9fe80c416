package handover.machine;

import handover.devices.Property;
import handover.devices.net.Netdevs;
import handover.migration.Capability;
import handover.migration.MigrationListener;
import handover.migration.MigrationSettings;
import handover.migration.MigrationStatus;
import handover.migration.Parameter;
import handover.migration.SwitchoverDrill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A small machine with another's harts and devices, whose guest only waits and whose networks lead
 * nowhere: what moves are rehearsed with.
 */
final class Understudy implements AutoCloseable {
  private static final long MEMORY = 1 << 20;
  private static final int DISK = 1 << 20;
  private static final long MOVE_SECONDS = 10;

  /** Before each move. */
  private static final int DRILLS = 10;

  private final VirtualMachine machine;
  private final Semaphore ended = new Semaphore(0);

  /**
   * Builds it.
   *
   * @param folder where the images of its drives are put
   * @throws MachineSpecException if the original could not be built today
   */
  Understudy(MachineSpec original, Path folder) throws MachineSpecException, IOException {
    machine = VirtualMachine.create(modest(original, folder));
    MigrationSettings settings = machine.migration().settings();
    settings.set(Capability.X_REHEARSE, false);
    settings.set(Parameter.X_CARRY_FRAMES_TIME, 0);
    settings.set(Parameter.ANNOUNCE_ROUNDS, 1);
    machine.migration().addListener(new Endings());
  }

  /** The guest is here. */
  void begin() {
    machine.startIdle();
  }

  /**
   * Moves the guest to another one, over a socket at {@code path}; whether that went well.
   *
   * @throws InterruptedException if the thread was
   */
  boolean moveTo(Understudy other, Path path) throws InterruptedException {
    String uri = "unix:" + path;
    other.machine.migration().listen(uri);
    machine.migration().migrate(uri);
    return other.arrived() && arrived();
  }

  /** Has the state of this one's devices go over to another, which stands still, many times. */
  void drill(Understudy other) {
    SwitchoverDrill drill = new SwitchoverDrill(machine.migratable(), other.machine.migratable());
    for (int i = 0; i < DRILLS; i++) {
      drill.play();
    }
  }

  private boolean arrived() throws InterruptedException {
    return ended.tryAcquire(MOVE_SECONDS, TimeUnit.SECONDS)
        && machine.migration().query().status() == MigrationStatus.COMPLETED;
  }

  private final class Endings implements MigrationListener {
    @Override
    public void statusChanged(MigrationStatus status, Instant when) {
      if (status.ended() && status != MigrationStatus.NONE) {
        ended.release();
      }
    }

    @Override
    public void passFinished(long pass, Instant when) {}
  }

  @Override
  public void close() {
    machine.quit();
  }

  private static MachineSpec modest(MachineSpec spec, Path folder) throws IOException {
    return spec.toBuilder()
        .name(Optional.of("rehearsal"))
        .machineOptions(board(spec.machineOptions()))
        .memoryBytes(MEMORY)
        .chardevs(chardevs(spec.chardevs()))
        .netdevs(netdevs(spec.netdevs()))
        .drives(drives(spec.drives(), folder))
        .startPaused(false)
        .awaitingGuest()
        .build();
  }

  /** Without what would make memory resident that nobody uses. */
  private static Map<String, String> board(Map<String, String> options) {
    Map<String, String> modest = new LinkedHashMap<>(options);
    modest.keySet().removeAll(List.of(BoardShape.PREALLOCATE, BoardShape.LOCK));
    return modest;
  }

  /** Far ends that nobody is at. */
  private static List<MachineSpec.Backend> chardevs(List<MachineSpec.Backend> originals) {
    List<MachineSpec.Backend> nobody = new ArrayList<>();
    for (MachineSpec.Backend original : originals) {
      original.id().ifPresent(id -> nobody.add(new MachineSpec.Backend("null", Map.of("id", id))));
    }
    return nobody;
  }

  /** Unplugged ones; a simulated device keeps its control plane, which costs nothing here. */
  private static List<MachineSpec.Backend> netdevs(List<MachineSpec.Backend> originals) {
    List<MachineSpec.Backend> unplugged = new ArrayList<>();
    for (MachineSpec.Backend original : originals) {
      String id = original.id().orElse("");
      boolean simulated = original.kind().equals("vdpa-sim");
      String wire = simulated ? id + "-wire" : id;
      unplugged.add(new MachineSpec.Backend("none", Map.of("id", wire)));
      if (simulated) {
        unplugged.add(new MachineSpec.Backend("vdpa-sim", free(id, wire)));
      }
    }
    return unplugged;
  }

  private static Map<String, String> free(String id, String wire) {
    Map<String, String> properties = new LinkedHashMap<>(Map.of("id", id, "backend", wire));
    for (Property property : Netdevs.properties("vdpa-sim")) {
      if (property.kind() == Property.Kind.NUMBER) {
        properties.put(property.name(), "0");
      }
    }
    return properties;
  }

  private static List<MachineSpec.Backend> drives(List<MachineSpec.Backend> originals, Path folder)
      throws IOException {
    List<MachineSpec.Backend> blank = new ArrayList<>();
    for (MachineSpec.Backend original : originals) {
      String id = original.id().orElse("");
      Path image = Files.createTempFile(folder, "drive", ".img");
      Files.write(image, new byte[DISK]);
      Map<String, String> properties = new LinkedHashMap<>(original.properties());
      properties.put("id", id);
      properties.put("file", image.toString());
      blank.add(new MachineSpec.Backend(original.kind(), properties));
    }
    return blank;
  }
}
