package handover.devices;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * A serial line over a pair of byte streams: standard input and output, or a file. A thread of its
 * own writes, so that the guest never waits; what it has not written yet is bounded to 1 MiB, of
 * which a reader that is too slow loses the oldest.
 */
final class StreamCharacterBackend implements CharacterBackend {
  private static final System.Logger LOG = System.getLogger(StreamCharacterBackend.class.getName());
  private static final int OUTPUT_LIMIT = 1 << 20;
  private static final int INPUT_LIMIT = 4096;

  private final String description;
  private final OutputStream out;
  private final Runnable onClose;
  private final ByteRing output = new ByteRing(OUTPUT_LIMIT);
  private final ByteRing input = new ByteRing(INPUT_LIMIT);
  private final Thread writer;
  private volatile Runnable listener = () -> {};

  /**
   * A line that only writes.
   *
   * @param onClose called after the last byte was written
   */
  StreamCharacterBackend(String description, OutputStream out, Runnable onClose) {
    this.description = description;
    this.out = out;
    this.onClose = onClose;
    this.writer = Thread.ofPlatform().daemon().name("serial-output").start(this::writeAll);
  }

  /** Reads from {@code in}, each byte through {@code filter}, which passes on what is for us. */
  void readFrom(InputStream in, UnaryOperator<IntConsumer> filter) {
    IntConsumer typed = filter.apply(this::typed);
    Thread.ofPlatform().daemon().name("serial-input").start(() -> readAll(in, typed));
  }

  /** Shows a byte that is not the guest's. */
  void show(int value) {
    output.push(value);
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void onInput(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public int read() {
    return input.poll();
  }

  @Override
  public void write(int value) {
    output.push(value);
  }

  @Override
  public void close() {
    input.close();
    output.close();
    try {
      writer.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    onClose.run();
  }

  private void typed(int value) {
    try {
      if (input.put(value)) {
        listener.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readAll(InputStream in, IntConsumer typed) {
    try {
      for (int value = in.read(); value >= 0; value = in.read()) {
        typed.accept(value);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, description + ": no more input", e);
    }
  }

  private void writeAll() {
    byte[] chunk = new byte[8192];
    try {
      for (int n = output.take(chunk); n > 0; n = output.take(chunk)) {
        out.write(chunk, 0, n);
        out.flush();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, description + ": no more output", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
