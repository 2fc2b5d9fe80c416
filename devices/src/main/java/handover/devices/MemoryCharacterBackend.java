package handover.devices;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** A serial line held in memory: for tests and for programs that embed a machine. */
public final class MemoryCharacterBackend implements CharacterBackend {
  private final ArrayDeque<Byte> input = new ArrayDeque<>();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private Runnable listener = () -> {};

  @Override
  public String description() {
    return "memory";
  }

  @Override
  public synchronized void onInput(Runnable newListener) {
    listener = newListener;
  }

  /** Types {@code text} (UTF-8) on the far end. */
  public void type(String text) {
    Runnable told;
    synchronized (this) {
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        input.add(b);
      }
      told = listener;
    }
    told.run();
  }

  /** Everything the guest wrote so far, as UTF-8. */
  public synchronized String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized int read() {
    Byte next = input.poll();
    return next == null ? -1 : next & 0xff;
  }

  @Override
  public synchronized void write(int value) {
    output.write(value);
    notifyAll();
  }

  @Override
  public void close() {}
}
