package handover.cli;

import handover.monitor.client.QmpClient;
import java.io.IOException;
import picocli.CommandLine.Option;

/** The two machines that a command is about, by their QMP sockets. */
final class QmpPair {
  private static final String PREFIX = "qmp:";

  @Option(
      names = "--source",
      required = true,
      paramLabel = "QMP",
      description = "QMP socket of the machine to move: unix:PATH or tcp:HOST:PORT.")
  private String source;

  @Option(
      names = "--destination",
      required = true,
      paramLabel = "QMP",
      description = "QMP socket of the machine that waits for it.")
  private String destination;

  QmpClient source() throws IOException {
    return connect(source);
  }

  QmpClient destination() throws IOException {
    return connect(destination);
  }

  /** Sockets may be written as in {@code inspect --against}, with {@code qmp:} before them. */
  private static QmpClient connect(String given) throws IOException {
    return QmpClient.connect(given.startsWith(PREFIX) ? given.substring(PREFIX.length()) : given);
  }
}
