package handover.machine;

import handover.devices.CharacterBackend;
import handover.devices.CharacterBackends;
import handover.devices.CharacterBackends.BackendException;
import handover.devices.Chardevs;
import handover.devices.ConsoleEscapes;
import handover.devices.FileFailure;
import handover.devices.NearestName;
import handover.devices.net.Netdev;
import handover.devices.net.Netdevs;
import handover.devices.virtio.block.RawImage;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What a machine's devices are connected to on the host: networks, images, serial lines. */
final class BackendSet implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BackendSet.class.getName());
  private static final List<String> DRIVE_OPTIONS =
      List.of("id", "file", "format", "if", "readonly");

  private final Map<String, Netdev> netdevs = new LinkedHashMap<>();
  private final Map<String, RawImage> drives = new LinkedHashMap<>();
  private final Chardevs chardevs = new Chardevs();
  private CharacterBackend console = CharacterBackend.none();

  /** Opens everything the spec names; every problem goes to {@code problems}. */
  static BackendSet open(MachineSpec spec, ConsoleEscapes escapes, Consumer<String> problems) {
    BackendSet set = new BackendSet();
    spec.chardevs().forEach(c -> set.chardevs.add(c.kind(), c.properties(), problems));
    Netdevs factory = new Netdevs(set.chardevs);
    spec.netdevs().forEach(netdev -> set.openNetdev(factory, netdev, problems));
    spec.drives().forEach(drive -> set.openDrive(drive, problems));
    set.openConsole(spec.serials(), escapes, problems);
    return set;
  }

  List<Netdev> netdevs() {
    return List.copyOf(netdevs.values());
  }

  Optional<Netdev> netdev(String id) {
    return Optional.ofNullable(netdevs.get(id));
  }

  Optional<RawImage> drive(String id) {
    return Optional.ofNullable(drives.get(id));
  }

  Chardevs chardevs() {
    return chardevs;
  }

  CharacterBackend console() {
    return console;
  }

  @Override
  public void close() {
    netdevs.values().forEach(Netdev::close);
    drives.values().forEach(BackendSet::close);
    chardevs.close();
    console.close();
  }

  private static void close(RawImage image) {
    try {
      image.close();
    } catch (IOException e) {
      LOG.log(Level.WARNING, "drive " + image.id() + ": closing failed", e);
    }
  }

  private void openNetdev(Netdevs factory, MachineSpec.Backend spec, Consumer<String> problems) {
    if (spec.id().filter(netdevs::containsKey).isPresent()) {
      problems.accept("-netdev: id '" + spec.id().get() + "' is given twice");
      return;
    }
    factory
        .open(spec.kind(), spec.properties(), problems)
        .or(() -> standIn(factory, spec))
        .ifPresent(netdev -> netdevs.put(netdev.id(), netdev));
  }

  /** For one that could not be opened, so that its device is not said to lack it as well. */
  private static Optional<Netdev> standIn(Netdevs factory, MachineSpec.Backend spec) {
    return spec.id().flatMap(id -> factory.open("none", Map.of("id", id), alreadyTold -> {}));
  }

  private void openDrive(MachineSpec.Backend spec, Consumer<String> problems) {
    List<String> found = new ArrayList<>();
    checkDrive(spec, found);
    if (found.isEmpty()) {
      String id = spec.properties().get("id");
      Path file = Path.of(spec.properties().get("file"));
      boolean readOnly = spec.properties().getOrDefault("readonly", "off").equals("on");
      try {
        drives.put(id, RawImage.open(id, file, readOnly));
      } catch (IOException e) {
        found.add("-drive %s: cannot open %s: %s".formatted(id, file, FileFailure.words(e)));
      }
    }
    found.forEach(problems);
  }

  private void checkDrive(MachineSpec.Backend spec, List<String> problems) {
    Map<String, String> given = spec.properties();
    given.keySet().stream()
        .filter(name -> !DRIVE_OPTIONS.contains(name))
        .forEach(
            name ->
                problems.add(
                    "-drive has no option '%s'%s"
                        .formatted(name, NearestName.hint(name, DRIVE_OPTIONS))));
    if (!given.containsKey("file")) {
      problems.add("-drive: file= is missing");
    }
    if (!given.containsKey("id")) {
      problems.add("-drive: id= is missing; a device names it in drive=");
    } else if (drives.containsKey(given.get("id"))) {
      problems.add("-drive: id '" + given.get("id") + "' is given twice");
    }
    if (!given.getOrDefault("format", "raw").equals("raw")) {
      problems.add("-drive: format expects raw, got '" + given.get("format") + "'");
    }
    if (!given.getOrDefault("if", "none").equals("none")) {
      problems.add("-drive: if expects none, got '" + given.get("if") + "'; add a -device for it");
    }
  }

  private void openConsole(
      List<String> serials, ConsoleEscapes escapes, Consumer<String> problems) {
    if (serials.size() > 1) {
      problems.accept("-serial is given %d times; the board has one".formatted(serials.size()));
    } else if (!serials.isEmpty()) {
      try {
        console = CharacterBackends.open(serials.getFirst(), escapes);
      } catch (BackendException e) {
        problems.accept(e.getMessage());
      }
    }
  }
}
