package handover.monitor.hmp;

import handover.machine.MachineView;
import handover.machine.MachineView.Region;
import handover.monitor.MonitoredMachine;
import handover.monitor.qmp.QmpException;
import handover.monitor.qmp.RamBlockCommands;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The human monitor's looks into the machine: registers, address map, memory. */
final class LookLines {
  private static final Pattern FORMAT = Pattern.compile("/(\\d{0,6})([xduoc]?)([bhwg]?)");
  private static final int MOST_BYTES = 1 << 20;
  private static final int LINE = 16;
  private static final long PAGE = 4096;
  private static final List<String> GENERAL =
      List.of(
          "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3",
          "a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11",
          "t3", "t4", "t5", "t6");

  private final MonitoredMachine machine;

  LookLines(MonitoredMachine machine) {
    this.machine = machine;
  }

  List<HumanCommand> commands() {
    return List.of(
        new HumanCommand(
            "info registers", "[-a|CPU]", "shows a hart's registers; -a: all", this::registers),
        InfoLines.topic("mtree", "the address map", this::addressMap),
        InfoLines.topic("ramblock", "RAM blocks in stream order", this::ramBlocks),
        InfoLines.topic("pci", "functions on the PCI bus", this::pci),
        InfoLines.topic("roms", "what was loaded before the guest began", this::roms),
        new HumanCommand("x", "/FMT ADDRESS", "shows memory at a virtual address", this::virtual),
        new HumanCommand(
            "xp", "/FMT ADDRESS", "shows memory at a physical address", this::physical));
  }

  private MachineView view() {
    return machine.view();
  }

  private String registers(List<String> arguments) throws QmpException {
    HumanMonitor.requireCount("info registers", arguments, 0, 1);
    StringBuilder text = new StringBuilder();
    if (arguments.equals(List.of("-a"))) {
      for (int hart = 0; hart < machine.harts(); hart++) {
        text.append("\nCPU#%d\n".formatted(hart)).append(registers(hart));
      }
      return text.toString();
    }
    int hart = arguments.isEmpty() ? 0 : (int) number(arguments.getFirst());
    if (hart < 0 || hart >= machine.harts()) {
      throw QmpException.generic("there are harts 0 to %d".formatted(machine.harts() - 1));
    }
    return registers(hart);
  }

  /** Scalars first, one a line; general and floating-point registers four a line. */
  private String registers(int hart) {
    StringBuilder text = new StringBuilder();
    Map<String, String> values = view().registers(hart);
    values.forEach(
        (name, value) -> {
          if (value.matches("-?\\d+")) {
            text.append(" %-12s %s\n".formatted(plain(name), hex(value)));
          }
        });
    table(text, values.get("env.gpr"), GENERAL);
    table(text, values.get("env.fpr"), List.of());
    return text.toString();
  }

  private static void table(StringBuilder text, String array, List<String> names) {
    String[] values = array.substring(1, array.length() - 1).split(", ", -1);
    for (int i = 0; i < values.length; i++) {
      String name = names.isEmpty() ? "f" + i : "x%d/%s".formatted(i, names.get(i));
      text.append(" %-8s %s".formatted(name, hex(values[i])));
      text.append(i % 4 == 3 ? "\n" : "");
    }
  }

  private static String plain(String field) {
    return field.startsWith("env.") ? field.substring("env.".length()) : field;
  }

  private static String hex(String decimal) {
    long value =
        decimal.startsWith("-") ? Long.parseLong(decimal) : Long.parseUnsignedLong(decimal);
    return "%016x".formatted(value);
  }

  private String addressMap() {
    StringBuilder text = new StringBuilder("address-space: memory\n");
    view().regions().forEach(r -> text.append(line(r)));
    return text.toString();
  }

  private static String line(Region region) {
    return "  %016x-%016x (%s): %s\n"
        .formatted(region.base(), region.base() + region.size() - 1, region.kind(), region.name());
  }

  private String ramBlocks() {
    return RamBlockCommands.table(view().ramBlocks());
  }

  private String roms() {
    StringBuilder text = new StringBuilder();
    view()
        .roms()
        .forEach(
            r ->
                text.append(
                    "addr=%016x size=0x%06x mem=%s name=\"%s\"\n"
                        .formatted(r.base(), r.size(), r.kind(), r.name())));
    return text.isEmpty()
        ? "nothing was loaded: the guest comes from another machine\n"
        : text + "";
  }

  private String pci() {
    StringBuilder text = new StringBuilder();
    for (MachineView.Function f : view().functions()) {
      ByteBuffer config = ByteBuffer.wrap(f.identity()).order(ByteOrder.LITTLE_ENDIAN);
      text.append("  %s:\n".formatted(f.place()));
      text.append(
          "    Class %04x: PCI device %04x:%04x (%s)\n"
              .formatted(config.getShort(10), config.getShort(0), config.getShort(2), f.name()));
      int pin = config.get(61);
      if (pin != 0) {
        text.append("      IRQ %d, pin %c\n".formatted(config.get(60), 'A' + pin - 1));
      }
      bars(text, config);
    }
    return text.toString();
  }

  private static void bars(StringBuilder text, ByteBuffer config) {
    for (int bar = 0; bar < 6; bar++) {
      int value = config.getInt(16 + 4 * bar);
      boolean ports = (value & 1) != 0;
      boolean wide = !ports && (value & 6) == 4;
      if (value != 0) {
        long high = wide && bar < 5 ? Integer.toUnsignedLong(config.getInt(20 + 4 * bar)) : 0;
        long at = high << 32 | Integer.toUnsignedLong(value) & (ports ? ~3L : ~15L);
        String kind = ports ? "I/O" : wide ? "64 bit memory" : "32 bit memory";
        text.append("      BAR%d: %s at 0x%x\n".formatted(bar, kind, at));
        bar += wide ? 1 : 0;
      }
    }
  }

  private String virtual(List<String> arguments) throws QmpException {
    return dump("x", arguments, true);
  }

  private String physical(List<String> arguments) throws QmpException {
    return dump("xp", arguments, false);
  }

  private String dump(String name, List<String> arguments, boolean virtual) throws QmpException {
    HumanMonitor.requireCount(name, arguments, 1, 2);
    Matcher format = FORMAT.matcher(arguments.size() == 2 ? arguments.getFirst() : "/");
    if (!format.matches()) {
      throw QmpException.generic(
          "'%s': expected /COUNT, then x, d, u, o or c, then b, h, w or g, such as /8xg"
              .formatted(arguments.getFirst()));
    }
    int size =
        switch (format.group(3)) {
          case "b" -> 1;
          case "h" -> 2;
          case "g" -> 8;
          default -> format.group(2).equals("c") ? 1 : 4;
        };
    int count = format.group(1).isEmpty() ? 1 : Integer.parseInt(format.group(1));
    if ((long) count * size > MOST_BYTES) {
      throw QmpException.generic("at most 1 MiB at once");
    }
    return dump(number(arguments.getLast()), count, size, format.group(2), virtual);
  }

  private String dump(long address, int count, int size, String form, boolean virtual)
      throws QmpException {
    byte[] bytes = load(address, count * size, virtual);
    StringBuilder text = new StringBuilder();
    int perLine = Math.max(1, LINE / size);
    for (int i = 0; i < count; i++) {
      if (i % perLine == 0) {
        text.append("%s%016x:".formatted(i == 0 ? "" : "\n", address + (long) i * size));
      }
      text.append(' ').append(value(littleEndian(bytes, i * size, size), size, form));
    }
    return text.append('\n').toString();
  }

  /** Page by page, since neighbours in virtual memory need not be neighbours in physical. */
  private byte[] load(long address, int length, boolean virtual) throws QmpException {
    byte[] all = new byte[length];
    int done = 0;
    while (done < length) {
      long at = address + done;
      int part = (int) Math.min(length - done, PAGE - (at & PAGE - 1));
      Optional<Long> physical = virtual ? view().physical(0, at) : Optional.of(at);
      byte[] piece =
          physical
              .flatMap(p -> view().memory(p, part))
              .orElseThrow(
                  () -> QmpException.generic("Cannot access memory at 0x%x".formatted(at)));
      System.arraycopy(piece, 0, all, done, part);
      done += part;
    }
    return all;
  }

  private static long littleEndian(byte[] bytes, int from, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[from + i] & 0xff;
    }
    return value;
  }

  private static String value(long value, int size, String form) {
    int shift = 64 - 8 * size;
    return switch (form) {
      case "d" -> Long.toString(value << shift >> shift);
      case "u" -> Long.toUnsignedString(value);
      case "o" -> Long.toOctalString(value);
      case "c" -> character((int) value & 0xff);
      default -> ("0x%0" + 2 * size + "x").formatted(value);
    };
  }

  private static String character(int value) {
    return value >= 0x20 && value < 0x7f ? "'" + (char) value + "'" : "'\\x%02x'".formatted(value);
  }

  private static long number(String text) throws QmpException {
    try {
      return text.startsWith("0x")
          ? Long.parseUnsignedLong(text.substring(2), 16)
          : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw QmpException.generic("'%s' is no number; write 0x80000000 or 4096".formatted(text));
    }
  }
}
