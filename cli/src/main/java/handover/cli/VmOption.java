package handover.cli;

import handover.devices.NearestName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One option of {@code handover vm}, declared once: parsing and help come from it.
 *
 * @param name with its dash
 * @param argument what its value looks like; empty if it takes none
 * @param help one line
 * @param setter puts the value where it belongs
 */
record VmOption(String name, String argument, String help, BiConsumer<VmArguments, String> setter) {
  private static final Map<String, VmOption> ALL = new LinkedHashMap<>();

  static {
    declare(
        "-M",
        "virt[-VERSION][,KEY=VALUE...]",
        "the machine; '-M help' lists versions",
        VmArguments::machine);
    declare("-m", "SIZE", "guest memory, in MiB unless a unit is given; 128", VmArguments::memory);
    declare("-mem-prealloc", "", "makes all guest memory resident at once", VmArguments::prealloc);
    declare(
        "-overcommit",
        "mem-lock=on|off",
        "locks all memory of the process into RAM",
        VmArguments::overcommit);
    declare("-smp", "N", "number of harts, 1 to 8; 1", VmArguments::harts);
    declare(
        "-cpu",
        "rv64[,EXTENSION=on|off...]",
        "the hart; '-cpu help' lists extensions",
        VmArguments::cpu);
    declare(
        "-accel",
        "interpreter|translator|tcg[,lockstep=on|off]",
        "how guest code is executed; 'tcg' is the default, the translator; lockstep compares both",
        VmArguments::accel);
    declare(
        "-bios",
        "FILE|default|none",
        "firmware; 'default' gives Linux the fetched OpenSBI and other guests none",
        VmArguments::bios);
    declare("-kernel", "FILE", "kernel image", VmArguments::kernel);
    declare("-initrd", "FILE", "initial RAM disk", VmArguments::initrd);
    declare("-append", "TEXT", "kernel command line", VmArguments::append);
    declare(
        "-chardev",
        "socket|stdio|file|null,id=ID,...",
        "far end of a console's port, or a vhost-user back end's socket; '-chardev KIND,help' lists"
            + " properties",
        VmArguments::chardev);
    declare(
        "-netdev",
        "stream|hubport|vhost-user|vdpa-sim|none,id=ID,...",
        "network back end; '-netdev help' lists kinds, '-netdev KIND,help' properties",
        VmArguments::netdev);
    declare(
        "-device",
        "DRIVER[,KEY=VALUE...]",
        "device; '-device help' lists drivers, '-device DRIVER,help' properties",
        VmArguments::device);
    declare(
        "-global",
        "DRIVER.PROPERTY=VALUE",
        "for every device of the driver that does not say otherwise",
        VmArguments::global);
    declare("-drive", "file=FILE[,format=raw][,id=ID]...", "disk image", VmArguments::drive);
    declare(
        "-serial",
        "stdio|none|file:FILE|unix:PATH[,server=on|off]",
        "where the serial port goes",
        VmArguments::serial);
    declare("-nographic", "", "serial port on standard input and output", VmArguments::noGraphic);
    declare("-nodefaults", "", "no serial port unless asked for", VmArguments::noDefaults);
    declare(
        "-qmp",
        "unix:PATH|tcp:HOST:PORT[,server=on][,wait=off]",
        "offers QMP; any number of clients, and may be given several times",
        VmArguments::qmp);
    declare(
        "-monitor",
        "stdio|none|unix:PATH[,server=on][,wait=off]",
        "offers the human monitor",
        VmArguments::monitor);
    declare(
        "-incoming",
        "tcp:HOST:PORT|unix:PATH|file:PATH[,offset=BYTES]|defer",
        "waits for a guest from elsewhere; 'defer' until migrate-incoming",
        VmArguments::incoming);
    declare("-S", "", "does not start; 'cont' does", VmArguments::startPaused);
    declare("-name", "NAME", "the machine's name", VmArguments::name);
    declare("-uuid", "UUID", "the machine's UUID", VmArguments::uuid);
    declare("-help", "", "this", VmArguments::help);
    ALL.put("-machine", ALL.get("-M"));
    ALL.put("-h", ALL.get("-help"));
  }

  private static void declare(
      String name, String argument, String help, BiConsumer<VmArguments, String> setter) {
    ALL.put(name, new VmOption(name, argument, help, setter));
  }

  /** Finds an option; a second dash is accepted, as in QEMU. */
  static Optional<VmOption> named(String word) {
    return Optional.ofNullable(ALL.get(word.startsWith("--") ? word.substring(1) : word));
  }

  /** Says that a word is no option. */
  static String unknown(String word) {
    return word.startsWith("-")
        ? "unknown option '%s'%s".formatted(word, NearestName.hint(word, ALL.keySet()))
        : "unexpected argument '%s'; every option begins with '-'".formatted(word);
  }

  boolean takesValue() {
    return !argument.isEmpty();
  }

  void apply(VmArguments arguments, String value) {
    setter.accept(arguments, value);
  }

  /** What {@code handover vm --help} prints. */
  static String usage() {
    StringBuilder text =
        new StringBuilder(
            """
            Usage: handover vm [OPTION]...
            Runs a virtual machine; options are QEMU's. A comma in a value is written twice. What takes
            KEY=VALUE also takes a JSON object: -device '{"driver": "virtio-rng-device"}'.

            """);
    for (VmOption option : ALL.values().stream().distinct().toList()) {
      text.append("  %s %s".formatted(option.name(), option.argument()).stripTrailing())
          .append("\n        ")
          .append(option.help())
          .append('\n');
    }
    return text.toString();
  }
}
