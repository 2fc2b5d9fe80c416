package handover.diagnosis.check;

import handover.devices.virtio.VirtioFeatures;
import handover.diagnosis.check.MachineFacts.Device;
import handover.diagnosis.check.Rule.Found;
import handover.diagnosis.check.Rule.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Rules about devices and what they are connected to. */
final class DeviceRules {
  /** What the board has without any state that migrates. */
  private static final Set<String> STATELESS =
      Set.of(
          "riscv.aclint.swi",
          "riscv.sifive.test",
          "platform-bus-device",
          "virtio-mmio",
          "virtio-mmio-bus",
          "pvpanic",
          "isa-debug-exit",
          "isa-debugcon",
          "riscv.hart_array",
          "System",
          "container",
          "irq");

  /** Parts of a virtio-serial device, whose section has them. */
  private static final Set<String> PORTS = Set.of("virtconsole", "virtserialport");

  /** Properties of a virtio device that change what a guest finds in PCI configuration space. */
  private static final Set<String> SHAPE =
      Set.of(
          "vectors",
          "disable-legacy",
          "disable-modern",
          "page-per-vq",
          "modern-pio-notify",
          "queues");

  /** Properties that are the host's, or told already by another rule. */
  private static final Set<String> HOST =
      Set.of(
          "addr",
          "legacy-addr",
          "netdev",
          "drive",
          "chardev",
          "bootindex",
          "realized",
          "hotplugged",
          "hotpluggable",
          "iothread",
          "romsize",
          "iterative-mig");

  private static final String SAME = "give the device the same properties on both sides";

  static final List<Rule> ALL =
      List.of(
          new Rule(
              "device-missing",
              "qom-list /machine/peripheral, -anon, unattached",
              Stage.DEVICES,
              "the destination quits: \"Unknown savevm section or instance\"",
              "give the destination the same devices in the same slots",
              DeviceRules::missing),
          new Rule(
              "device-type",
              "qom-list, qom-get",
              Stage.DEVICES,
              "the destination quits over a section it does not know",
              "put the same device there on both sides",
              DeviceRules::types),
          new Rule(
              "agreed-property",
              "x-query-devices",
              Stage.COMMAND,
              "a Handover refuses it by name before anything moves",
              SAME,
              (s, d) ->
                  ours(s, d)
                      ? deviceProperties(s, d, (dev, p) -> dev.agreed().contains(p))
                      : List.of()),
          new Rule(
              "pci-config",
              "query-pci",
              Stage.DEVICES,
              "the destination quits: \"get_pci_config_device: Bad config data\"",
              SAME,
              DeviceRules::configs),
          new Rule(
              "virtio-shape",
              "qom-get of the device",
              Stage.DEVICES,
              "other vectors or registers: the destination quits: \"get_pci_config_device: Bad config"
                  + " data\"",
              SAME,
              (s, d) ->
                  ours(s, d) ? List.of() : deviceProperties(s, d, (dev, p) -> SHAPE.contains(p))),
          new Rule(
              "virtio-feature",
              "qom-get of the device, x-query-virtio-status",
              Stage.DEVICES,
              "the guest uses, or may by then use, what the destination does not offer, which quits:"
                  + " \"Features ... unsupported\"",
              "switch the feature on at the destination, or off at both and restart the guest",
              DeviceRules::features),
          new Rule(
              "iterative",
              "qom-get of the device",
              Stage.COMMAND,
              "only a Handover takes state that is sent iteratively; refused before anything moves",
              "set iterative-mig=auto, which asks the destination first",
              DeviceRules::iterative),
          new Rule(
              "netdev-user",
              "info network",
              Stage.DEVICES,
              "the destination quits: \"Unknown savevm section or instance 'slirp'\"",
              "use -netdev user on both sides or on none: only it has state of its own",
              DeviceRules::slirp),
          new Rule(
              "device-extra",
              "qom-list /machine/peripheral, -anon",
              Stage.NOWHERE,
              "stays at the destination as after a reset; the guest does not know of it",
              "",
              DeviceRules::extra),
          new Rule(
              "netdev",
              "info network",
              Stage.NOWHERE,
              "back ends are each side's own business",
              "",
              DeviceRules::netdevs),
          new Rule(
              "device-property",
              "qom-list, qom-get of the device",
              Stage.NOWHERE,
              "QEMU takes it without a word",
              "",
              (s, d) -> deviceProperties(s, d, DeviceRules::otherwise)));

  private DeviceRules() {}

  private static List<Found> missing(MachineFacts s, MachineFacts d) {
    if (d.devices().isEmpty()) {
      return List.of();
    }
    boolean qemus = !s.handover() && !d.handover();
    return s.devices().values().stream()
        .filter(device -> !d.devices().containsKey(device.place()))
        .filter(device -> !STATELESS.contains(device.type()))
        .filter(device -> qemus || !PORTS.contains(device.type()))
        .map(device -> missing(device, s, d))
        .toList();
  }

  /** What is somewhere else at the destination, and not at the source, is probably meant. */
  private static Found missing(Device device, MachineFacts s, MachineFacts d) {
    return d.devices().values().stream()
        .filter(other -> kind(other).equals(kind(device)))
        .filter(other -> !s.devices().containsKey(other.place()))
        .findFirst()
        .map(other -> new Found("place of " + kind(device), placed(device), placed(other)))
        .orElseGet(() -> new Found("device at " + device.place(), device.type(), "none"));
  }

  private static String kind(Device device) {
    return device.virtio().orElse(device.type());
  }

  private static String placed(Device device) {
    return "%s at %s".formatted(device.type(), device.place());
  }

  private static List<Found> extra(MachineFacts s, MachineFacts d) {
    if (s.devices().isEmpty()) {
      return List.of();
    }
    return d.devices().values().stream()
        .filter(device -> !s.devices().containsKey(device.place()))
        .map(device -> new Found("device at " + device.place(), "none", device.type()))
        .toList();
  }

  private static List<Found> types(MachineFacts s, MachineFacts d) {
    List<Found> found = new ArrayList<>();
    for (Device device : s.devices().values()) {
      Device there = d.devices().get(device.place());
      if (there != null && !there.type().equals(device.type())) {
        found.add(new Found("device at " + device.place(), device.type(), there.type()));
      }
    }
    return found;
  }

  private static List<Found> configs(MachineFacts s, MachineFacts d) {
    List<Found> found = new ArrayList<>();
    s.pci()
        .forEach(
            (address, values) -> {
              Map<String, String> there = d.pci().get(address);
              if (there != null) {
                Set<String> all = new TreeSet<>(values.keySet());
                all.addAll(there.keySet());
                all.removeIf(
                    p -> values.getOrDefault(p, "none").equals(there.getOrDefault(p, "none")));
                all.forEach(
                    p ->
                        found.add(
                            new Found(
                                "PCI %s %s".formatted(address, p),
                                values.getOrDefault(p, "none"),
                                there.getOrDefault(p, "none"))));
              }
            });
    return found;
  }

  /** Chooses properties of a device. */
  private interface Choice {
    boolean takes(Device device, String property);
  }

  private static List<Found> deviceProperties(MachineFacts s, MachineFacts d, Choice choice) {
    List<Found> found = new ArrayList<>();
    for (Device device : s.devices().values()) {
      Device there = d.devices().get(device.place());
      if (there != null && there.type().equals(device.type())) {
        MachineRules.properties(device.place() + ".", device.properties(), there.properties())
            .stream()
            .filter(f -> choice.takes(device, property(device, f)))
            .map(f -> named(device, f))
            .forEach(found::add);
      }
    }
    return found;
  }

  private static String property(Device device, Found found) {
    return found.subject().substring(device.place().length() + 1);
  }

  private static Found named(Device device, Found f) {
    String subject = "%s at %s, %s".formatted(device.type(), device.place(), property(device, f));
    return new Found(subject, f.source(), f.destination());
  }

  private static List<Found> features(MachineFacts s, MachineFacts d) {
    if (ours(s, d)) {
      return List.of();
    }
    return deviceProperties(s, d, (device, p) -> isFeature(device, p) && inUse(device, p)).stream()
        .filter(f -> f.source().equals("on") && f.destination().equals("off"))
        .toList();
  }

  private static boolean isFeature(Device device, String property) {
    Optional<String> virtio = device.virtio();
    return virtio.isPresent() && VirtioFeatures.bit(virtio.get(), property).isPresent();
  }

  /** Unless a driver runs and is known to do without it. */
  private static boolean inUse(Device device, String property) {
    return device.negotiated().isEmpty() || device.negotiated().get().contains(property);
  }

  /** Two of this program compare their properties themselves, and more closely. */
  private static boolean ours(MachineFacts s, MachineFacts d) {
    return s.handover() && d.handover();
  }

  private static List<Found> iterative(MachineFacts s, MachineFacts d) {
    if (!s.handover() || d.handover()) {
      return List.of();
    }
    return s.devices().values().stream()
        .filter(device -> device.properties().getOrDefault("iterative-mig", "").equals("on"))
        .map(
            device ->
                new Found(
                    "%s at %s, iterative-mig".formatted(device.type(), device.place()),
                    "on",
                    "not known"))
        .toList();
  }

  private static boolean otherwise(Device device, String property) {
    return !SHAPE.contains(property) && !HOST.contains(property) && !property.startsWith("x-");
  }

  private static List<Found> slirp(MachineFacts s, MachineFacts d) {
    long here = users(s);
    long there = users(d);
    return d.netdevs().isEmpty() && there == 0 && here == 0 || here <= there
        ? List.of()
        : List.of(new Found("netdevs of type user", kinds(s), kinds(d)));
  }

  private static long users(MachineFacts side) {
    return side.netdevs().values().stream().filter("user"::equals).count();
  }

  private static String kinds(MachineFacts side) {
    return side.netdevs().isEmpty() ? "none" : side.netdevs().toString();
  }

  private static List<Found> netdevs(MachineFacts s, MachineFacts d) {
    List<String> here = s.netdevs().values().stream().sorted().toList();
    List<String> there = d.netdevs().values().stream().sorted().toList();
    return here.equals(there) ? List.of() : List.of(new Found("netdevs", kinds(s), kinds(d)));
  }
}
