package handover.diagnosis.check;

import handover.devices.virtio.VirtioFeatures;
import handover.diagnosis.check.MachineFacts.Device;
import handover.diagnosis.stream.Destination;
import handover.monitor.client.QmpClient;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a running machine would accept of a stream, as far as its monitor tells. */
public final class DestinationMachine {
  /** Capabilities that the configuration section carries. */
  private static final Set<String> CARRIED = Set.of("x-ignore-shared", "mapped-ram");

  private static final Pattern PCI = Pattern.compile("^0000:([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])/.*$");
  private static final Pattern SLIRP = Pattern.compile("^slirp(?:#(\\d+))?$");
  private static final Pattern CPU = Pattern.compile("^cpu(?:_common)?#(\\d+)$");
  private static final Pattern BAR = Pattern.compile("^\\w+ of (\\d+) bytes$");

  private final MachineFacts facts;

  private DestinationMachine(MachineFacts facts) {
    this.facts = facts;
  }

  /** Asks a machine; changes nothing there. */
  public static Destination of(QmpClient client) throws IOException {
    return new DestinationMachine(FactsReader.read(client)).destination();
  }

  private Destination destination() {
    return new Destination(
        facts.machine(),
        Optional.of(carried()),
        facts.ramBlocks(),
        Map.of(),
        this::missing,
        hostFeatures(),
        barSizes(),
        facts.architecture().startsWith("riscv")
            ? OptionalInt.of(facts.cpus())
            : OptionalInt.empty());
  }

  private Set<String> carried() {
    Set<String> on = new TreeSet<>();
    CARRIED.stream().filter(facts::has).forEach(on::add);
    return on;
  }

  private Optional<String> missing(String label) {
    Matcher pci = PCI.matcher(label);
    if (pci.matches() && !facts.pci().isEmpty() && !facts.pci().containsKey(pci.group(1))) {
      return Optional.of("it has no PCI function at " + pci.group(1));
    }
    Matcher slirp = SLIRP.matcher(label);
    if (slirp.matches() && number(slirp) >= users()) {
      return Optional.of("it comes with -netdev user; the netdevs there are " + facts.netdevs());
    }
    Matcher cpu = CPU.matcher(label);
    boolean dense = facts.architecture().startsWith("riscv");
    return dense && cpu.matches() && number(cpu) >= facts.cpus()
        ? Optional.of("it has %d CPUs".formatted(facts.cpus()))
        : Optional.empty();
  }

  private static long number(Matcher instance) {
    return instance.group(1) == null ? 0 : Long.parseLong(instance.group(1));
  }

  private long users() {
    return facts.netdevs().values().stream().filter("user"::equals).count();
  }

  /** Everything but what a property switches off: that is all a monitor tells. */
  private Map<String, Long> hostFeatures() {
    Map<String, Long> features = new LinkedHashMap<>();
    for (Device device : facts.devices().values()) {
      Optional<String> label = label(device);
      if (label.isPresent()) {
        features.put(label.get(), offered(device));
      }
    }
    return features;
  }

  private static long offered(Device device) {
    long offered = -1L;
    for (Map.Entry<String, String> property : device.properties().entrySet()) {
      Optional<Integer> bit = VirtioFeatures.bit(device.virtio().orElse(""), property.getKey());
      if (bit.isPresent() && property.getValue().equals("off")) {
        offered &= ~(1L << bit.get());
      }
    }
    return offered;
  }

  /** The section of a virtio device on the first PCI bus. */
  private static Optional<String> label(Device device) {
    String address = device.properties().getOrDefault("legacy-addr", "");
    boolean root = device.place().startsWith("pcie.0/") || device.place().startsWith("pci.0/");
    return device
        .virtio()
        .filter(v -> root && !address.isEmpty())
        .map(v -> "0000:00:%s/%s".formatted(address, v));
  }

  private Map<String, Map<Integer, Long>> barSizes() {
    Map<String, Map<Integer, Long>> sizes = new LinkedHashMap<>();
    for (Device device : facts.devices().values()) {
      label(device)
          .ifPresent(
              l -> sizes.put(l, bars(facts.pci().getOrDefault(l.substring(5, 12), Map.of()))));
    }
    return sizes;
  }

  private static Map<Integer, Long> bars(Map<String, String> function) {
    Map<Integer, Long> sizes = new LinkedHashMap<>();
    function.forEach(
        (name, value) -> {
          Matcher size = BAR.matcher(value);
          if (name.startsWith("bar ") && size.matches()) {
            sizes.put(Integer.valueOf(name.substring(4)), Long.valueOf(size.group(1)));
          }
        });
    return sizes;
  }
}
