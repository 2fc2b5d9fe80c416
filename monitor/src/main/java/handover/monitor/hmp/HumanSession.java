package handover.monitor.hmp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads lines of the human monitor from a stream and prints what they say. */
public final class HumanSession {
  private static final int LONGEST_LINE = 4096;

  private final HumanMonitor monitor;
  private final InputStream in;
  private final OutputStream out;

  /** Between a person, or a program that pretends to be one, and the monitor. */
  public HumanSession(HumanMonitor monitor, InputStream in, OutputStream out) {
    this.monitor = monitor;
    this.in = in;
    this.out = out;
  }

  /** Serves until the stream ends. */
  public void serve() throws IOException, InterruptedException {
    print("Handover monitor - type 'help' for the commands\r\n" + HumanMonitor.PROMPT);
    for (Optional<String> line = readLine(); line.isPresent(); line = readLine()) {
      print(monitor.runAndWait(line.get()).replace("\n", "\r\n") + HumanMonitor.PROMPT);
    }
  }

  private void print(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** The next line; what exceeds the longest line is read and forgotten. */
  private Optional<String> readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return Optional.of(line.toString());
      }
      if (b >= ' ' && line.length() < LONGEST_LINE) {
        line.append((char) b);
      }
    }
    return Optional.empty();
  }
}
