package handover.cli;

import handover.devices.Chardevs;
import handover.devices.NearestName;
import handover.devices.Property;
import handover.devices.net.Netdevs;
import handover.machine.DeviceDrivers;
import handover.machine.MachineVersion;
import handover.riscv.CpuFeatures;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/** What {@code -device help} and its like print, from the declarations themselves. */
final class VmHelp {
  private VmHelp() {}

  static String machines() {
    String newest = MachineVersion.newest().wireName();
    return MachineVersion.names().stream()
        .map(name -> name.equals("virt") ? name + "  (the newest: " + newest + ")" : name)
        .collect(lines("Machines:"));
  }

  static String cpus() {
    CpuFeatures offered = CpuFeatures.defaults();
    String implemented =
        CpuFeatures.knownNames().stream().filter(offered::has).collect(Collectors.joining(" "));
    return """
        Models:
          rv64
        Extensions, on by default (rv64,NAME=on|off):
          %s
        QEMU's other extensions may be named to be off.
        """
        .formatted(implemented);
  }

  /**
   * Character device kinds, or one kind's properties.
   *
   * @param kind a kind, or {@code help} for the list
   */
  static String chardevs(String kind) {
    return kind.equals("help")
        ? Chardevs.kinds().stream().collect(lines("Chardev kinds:"))
        : properties("chardev", kind, Chardevs.kinds(), Chardevs.properties(kind));
  }

  /**
   * Netdev kinds, or one kind's properties.
   *
   * @param kind a kind, or {@code help} for the list
   */
  static String netdevs(String kind) {
    return kind.equals("help")
        ? Netdevs.kinds().stream().collect(lines("Netdev kinds:"))
        : properties("netdev", kind, Netdevs.kinds(), Netdevs.properties(kind));
  }

  /**
   * Device drivers, or one driver's properties.
   *
   * @param driver a driver, or {@code help} for the list
   */
  static String devices(String driver) {
    return driver.equals("help")
        ? DeviceDrivers.names().stream().collect(lines("Device drivers:"))
        : properties("device", driver, DeviceDrivers.names(), DeviceDrivers.properties(driver));
  }

  private static String properties(
      String what, String name, List<String> known, List<Property> properties) {
    return known.contains(name)
        ? properties.stream().map(VmHelp::line).collect(lines(name + " properties:"))
        : "There is no %s '%s'%s%n".formatted(what, name, NearestName.hint(name, known));
  }

  private static String line(Property p) {
    String kind = p.kind().name().toLowerCase(Locale.ROOT).replace('_', '/');
    String initially = p.initially().isEmpty() ? "" : " [" + p.initially() + "]";
    return "%s=<%s>%s  %s".formatted(p.name(), kind, initially, p.description());
  }

  private static Collector<CharSequence, ?, String> lines(String title) {
    return Collectors.joining("\n  ", title + "\n  ", "\n");
  }
}
