package handover.monitor.hmp;

import java.util.Map;
import java.util.Optional;

/** What people type from memory and this machine has not: why, and what to do instead. */
final class AbsentLines {
  private static final String HOTPLUG =
      "devices are not plugged while the machine runs: give -device when it starts";
  private static final String SNAPSHOT =
      "there are no snapshots in disk images: migrate file:PATH keeps the whole machine, -incoming file:PATH brings it back";
  private static final String DISPLAY =
      "there is no display, keyboard or mouse: the guest's console is -serial";
  private static final String MEDIA =
      "drives are fixed for the machine's life: start it with others";
  private static final String DEBUGGER =
      "there is no debugger stub: see 'info registers', 'x' and 'xp'";
  private static final String POSTCOPY = "there is no postcopy: a move is all precopy";

  private static final Map<String, String> COMMANDS =
      Map.ofEntries(
          Map.entry("device_add", HOTPLUG),
          Map.entry("device_del", HOTPLUG),
          Map.entry("netdev_add", HOTPLUG),
          Map.entry("netdev_del", HOTPLUG),
          Map.entry("chardev-add", HOTPLUG),
          Map.entry("chardev-remove", HOTPLUG),
          Map.entry("drive_add", HOTPLUG),
          Map.entry("drive_del", HOTPLUG),
          Map.entry("object_add", HOTPLUG),
          Map.entry("object_del", HOTPLUG),
          Map.entry("savevm", SNAPSHOT),
          Map.entry("loadvm", SNAPSHOT),
          Map.entry("delvm", SNAPSHOT),
          Map.entry("info snapshots", SNAPSHOT),
          Map.entry("sendkey", DISPLAY),
          Map.entry("mouse_move", DISPLAY),
          Map.entry("mouse_button", DISPLAY),
          Map.entry("mouse_set", DISPLAY),
          Map.entry("screendump", DISPLAY),
          Map.entry("info mice", DISPLAY),
          Map.entry("info vnc", DISPLAY),
          Map.entry("info spice", DISPLAY),
          Map.entry("set_password", DISPLAY),
          Map.entry("eject", MEDIA),
          Map.entry("change", MEDIA),
          Map.entry("block_resize", MEDIA),
          Map.entry("commit", MEDIA),
          Map.entry("gdbserver", DEBUGGER),
          Map.entry("one-insn-per-tb", DEBUGGER),
          Map.entry("singlestep", DEBUGGER),
          Map.entry("migrate_start_postcopy", POSTCOPY),
          Map.entry("migrate_recover", POSTCOPY),
          Map.entry("migrate_pause", POSTCOPY),
          Map.entry("migrate_continue", "a move does not pause before the switchover"),
          Map.entry("nmi", "RISC-V's virt board has no NMI button"),
          Map.entry("system_wakeup", "the guest cannot be suspended, and needs no waking"),
          Map.entry("balloon", "there is no balloon: memory is given with -m"),
          Map.entry("info balloon", "there is no balloon: memory is given with -m"),
          Map.entry("info usb", "the board has no USB"),
          Map.entry("usb_add", "the board has no USB"),
          Map.entry("info tpm", "the board has no TPM"),
          Map.entry("info numa", "memory has no nodes"),
          Map.entry("info jit", "'handover vm -accel help' says how guest code is run"),
          Map.entry("info tlb", "'x' translates addresses as the hart would"),
          Map.entry("info mem", "'x' translates addresses as the hart would"),
          Map.entry("info block-jobs", "drives have no jobs"),
          Map.entry("dump-guest-memory", "migrate file:PATH keeps all of memory"),
          Map.entry("log", "what is logged is set before the start, by java.util.logging"),
          Map.entry("logfile", "what is logged is set before the start, by java.util.logging"));

  private AbsentLines() {}

  /** Why there is no such command, if that is known. */
  static Optional<String> why(String command) {
    return Optional.ofNullable(COMMANDS.get(command));
  }
}
