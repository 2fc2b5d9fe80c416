package handover.lab;

import handover.guest.GuestCache;
import handover.guest.LinuxGuest;
import handover.guest.PulseImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** A guest the demo can move: how it is started, and how its console shows that it lives. */
public enum DemoGuest {
  /** The bare-metal guest built in. */
  PULSE(
      "pulse",
      Duration.ofSeconds(30),
      Pattern.compile("pulse: ready"),
      Pattern.compile("pulse: beat (\\d+) uptime_ms=(\\d+)"),
      Pattern.compile("CORRUPT|corrupt=[1-9]"),
      false) {
    @Override
    List<String> prepare(Path directory, String more, Consumer<String> progress)
        throws IOException {
      Path image = Files.write(directory.resolve("pulse.bin"), PulseImage.bytes());
      return List.of(
          "-m",
          "128",
          "-kernel",
          image.toString(),
          "-append",
          "dirty=20 dirty-region=32 beat=50 " + more);
    }
  },

  /** Debian's kernel with a small RAM file system, fetched once. */
  LINUX(
      "linux",
      Duration.ofMinutes(5),
      Pattern.compile(LinuxGuest.READY),
      Pattern.compile("agent: beat (\\d+) uptime_ms=(\\d+)"),
      Pattern.compile("CORRUPT|corrupt=[1-9]|Oops|Kernel panic"),
      true) {
    @Override
    List<String> prepare(Path directory, String more, Consumer<String> progress)
        throws IOException {
      LinuxGuest guest = GuestCache.standard().fetch(progress);
      String work = "handover.beat=50 handover.dirty=10 handover.dirty-region=32 handover.sum=16 ";
      List<String> options = new ArrayList<>(List.of("-m", "256"));
      options.addAll(guest.options(work + more));
      return options;
    }
  };

  private final String label;
  private final Duration bootLimit;
  private final Pattern ready;
  private final Pattern beat;
  private final Pattern damage;
  private final boolean speaksTcp;

  DemoGuest(
      String label,
      Duration bootLimit,
      Pattern ready,
      Pattern beat,
      Pattern damage,
      boolean speaksTcp) {
    this.label = label;
    this.bootLimit = bootLimit;
    this.ready = ready;
    this.beat = beat;
    this.damage = damage;
    this.speaksTcp = speaksTcp;
  }

  /** What {@code --guest} calls it. */
  public String label() {
    return label;
  }

  /**
   * Options for {@code handover vm}; what they name is put into {@code directory} or a cache.
   *
   * @param more words for the guest's command line, which override earlier ones
   */
  abstract List<String> prepare(Path directory, String more, Consumer<String> progress)
      throws IOException;

  /** How long it may take to boot. */
  Duration bootLimit() {
    return bootLimit;
  }

  /** What it prints when it is up. */
  Pattern ready() {
    return ready;
  }

  /** Its heartbeat; group 1 is the beat's number, group 2 its uptime in milliseconds. */
  Pattern beat() {
    return beat;
  }

  /** What it prints when its memory is not what it wrote. */
  Pattern damage() {
    return damage;
  }

  /** Whether it has a TCP echo service. */
  boolean speaksTcp() {
    return speaksTcp;
  }
}
