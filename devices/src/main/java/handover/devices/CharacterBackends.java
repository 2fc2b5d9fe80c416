package handover.devices;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens what {@code -serial} names: {@code stdio}, {@code mon:stdio}, {@code
 * unix:PATH[,server=on][,wait=on|off]}, {@code file:PATH}, {@code none} or {@code null}.
 *
 * <p>A socket always listens, and unlike QEMU's does not hold the machine back until somebody has
 * connected unless {@code wait=on} says so: early output is kept.
 */
public final class CharacterBackends {
  private static final List<String> KINDS =
      List.of("stdio", "mon:stdio", "unix:PATH", "file:PATH", "none", "null");
  private static final List<String> SOCKET_OPTIONS = List.of("server", "wait");

  private CharacterBackends() {}

  /** A line that cannot be opened; the text says why and what would do. */
  public static final class BackendException extends Exception {
    private static final long serialVersionUID = 1;

    BackendException(String message, Throwable cause) {
      super(message, cause);
    }

    BackendException(String message) {
      super(message);
    }
  }

  /** Opens {@code spec}; the console's Ctrl-A x does nothing. */
  public static CharacterBackend open(String spec) throws BackendException {
    return open(spec, () -> {});
  }

  /**
   * Opens {@code spec}.
   *
   * @param escapes what Ctrl-A commands of {@code mon:stdio} do
   */
  public static CharacterBackend open(String spec, ConsoleEscapes escapes) throws BackendException {
    Optional<String> complaint = complaint(spec);
    if (complaint.isPresent()) {
      throw new BackendException(complaint.get());
    }
    try {
      return openChecked(spec, escapes);
    } catch (IOException | RuntimeException e) {
      throw new BackendException("-serial %s: %s".formatted(spec, reason(e)), e);
    }
  }

  /** What is wrong with {@code spec} as text, before anything is opened. */
  public static Optional<String> complaint(String spec) {
    if (spec.startsWith("unix:")) {
      return socketComplaint(spec);
    }
    if (spec.startsWith("file:")) {
      return spec.length() > 5
          ? Optional.empty()
          : Optional.of("-serial file: expects a path, such as file:serial.log");
    }
    return List.of("stdio", "mon:stdio", "none", "null").contains(spec)
        ? Optional.empty()
        : Optional.of(
            "-serial '%s' is not known; expected one of %s%s"
                .formatted(spec, String.join(", ", KINDS), NearestName.hint(spec, KINDS)));
  }

  private static Optional<String> socketComplaint(String spec) {
    String[] parts = spec.substring(5).split(",", -1);
    if (parts[0].isEmpty()) {
      return Optional.of("-serial unix: expects a path, such as unix:serial.sock");
    }
    for (int i = 1; i < parts.length; i++) {
      String option = parts[i].replaceFirst("=.*", "");
      if (!SOCKET_OPTIONS.contains(option)) {
        return Optional.of(
            "-serial unix: has no option '%s'%s"
                .formatted(option, NearestName.hint(option, SOCKET_OPTIONS)));
      }
      if (!parts[i].matches("server|[a-z]+=(on|off)")) {
        return Optional.of(
            "-serial unix: option '%s' expects on or off, got '%s'".formatted(option, parts[i]));
      }
    }
    return spec.contains(",server=off")
        ? Optional.of("-serial unix: only listens; leave out server=off")
        : Optional.empty();
  }

  private static CharacterBackend openChecked(String spec, ConsoleEscapes escapes)
      throws IOException {
    if (spec.startsWith("unix:")) {
      Path path = Path.of(spec.substring(5).replaceFirst(",.*", ""));
      return UnixCharacterBackend.listen(path, spec.contains(",wait=on"));
    }
    if (spec.startsWith("file:")) {
      OutputStream out = Files.newOutputStream(Path.of(spec.substring(5)));
      return new StreamCharacterBackend(spec, out, () -> closeQuietly(out));
    }
    return switch (spec) {
      case "stdio" -> stdio(Optional.empty());
      case "mon:stdio" -> stdio(Optional.of(escapes));
      default -> CharacterBackend.none();
    };
  }

  private static CharacterBackend stdio(Optional<ConsoleEscapes> escapes) {
    Optional<Terminal> terminal = Terminal.raw(escapes.isEmpty());
    StreamCharacterBackend backend =
        new StreamCharacterBackend("stdio", System.out, () -> terminal.ifPresent(Terminal::close));
    backend.readFrom(
        System.in,
        guest ->
            escapes
                .map(e -> new EscapeFilter(e, guest, backend::show))
                .<java.util.function.IntConsumer>map(filter -> filter::typed)
                .orElse(guest));
    return backend;
  }

  private static String reason(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static void closeQuietly(OutputStream out) {
    try {
      out.close();
    } catch (IOException e) {
      System.getLogger(CharacterBackends.class.getName())
          .log(System.Logger.Level.WARNING, "the serial line's file may be incomplete", e);
    }
  }
}
