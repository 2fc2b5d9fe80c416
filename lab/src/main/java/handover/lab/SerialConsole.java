package handover.lab;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A guest's serial line on a unix socket: everything it printed, and a way to type. */
public final class SerialConsole implements AutoCloseable {
  private final SocketChannel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final StringBuilder text = new StringBuilder();
  private boolean ended;

  private SerialConsole(SocketChannel channel) {
    this.channel = channel;
    Thread.ofVirtual().name("serial-console").start(this::readAll);
  }

  /** Connects to a serial line served at {@code socket}. */
  public static SerialConsole connect(Path socket) throws IOException {
    return new SerialConsole(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  /** Types {@code characters}, exactly. */
  public void type(String characters) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(characters.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** How many characters the guest has printed; a place to search from. */
  public int position() {
    lock.lock();
    try {
      return text.length();
    } finally {
      lock.unlock();
    }
  }

  /** What the guest has printed since {@code from}. */
  public String since(int from) {
    lock.lock();
    try {
      return text.substring(Math.min(from, text.length()));
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the guest has printed something like {@code wanted} after {@code from}. */
  public Optional<Matcher> await(Pattern wanted, int from, Duration timeout)
      throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      Matcher matcher = wanted.matcher(text.substring(Math.min(from, text.length())));
      while (!matcher.find()) {
        if (ended || left <= 0) {
          return Optional.empty();
        }
        left = grown.awaitNanos(left);
        matcher = wanted.matcher(text.substring(Math.min(from, text.length())));
      }
      return Optional.of(matcher);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the line has gone down and everything it carried can be read. */
  public boolean awaitEnd(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (!ended && left > 0) {
        left = grown.awaitNanos(left);
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void readAll() {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    try {
      while (channel.read(buffer.clear()) >= 0) {
        append(StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString());
      }
    } catch (IOException e) {
      // The line went down with its machine; what was printed stays readable.
    } finally {
      end();
    }
  }

  private void append(String more) {
    lock.lock();
    try {
      text.append(more);
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      grown.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
