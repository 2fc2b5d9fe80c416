package handover.guest;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A guest in QEMU whose console lines are read and whose network cable ends here. */
final class QemuGuest implements AutoCloseable {

  private static final long TIMEOUT_SECONDS = 120;

  private final Process process;
  private final SocketChannel cable;
  private final BlockingQueue<String> console = new LinkedBlockingQueue<>();
  private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

  QemuGuest(Path folder, List<String> options) throws IOException {
    Path socket = folder.resolve("cable");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      process = start(socket, options);
      cable = server.accept();
    }
    Thread.ofVirtual().start(this::readConsole);
    Thread.ofVirtual().start(this::readFrames);
  }

  private static Process start(Path socket, List<String> options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("qemu-system-riscv64", "-M", "virt", "-m", "128", "-nographic", "-nodefaults"));
    command.addAll(List.of("-serial", "stdio", "-global", "virtio-mmio.force-legacy=false"));
    command.addAll(List.of("-netdev", "stream,id=n,server=off,addr.type=unix,addr.path=" + socket));
    command.addAll(List.of("-device", "virtio-net-device,netdev=n"));
    command.addAll(options);
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private void readConsole() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      in.lines().forEach(console::add);
    } catch (IOException | UncheckedIOException e) {
      console.add("console closed: " + e);
    }
  }

  private void readFrames() {
    try (DataInputStream in = new DataInputStream(Channels.newInputStream(cable))) {
      while (true) {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        frames.add(frame);
      }
    } catch (IOException e) {
      frames.add(new byte[0]);
    }
  }

  /** Sends a frame in QEMU's stream framing. */
  void send(byte[] frame) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(4 + frame.length).putInt(frame.length).put(frame).flip();
    while (out.hasRemaining()) {
      cable.write(out);
    }
  }

  /** The next frame that fits; others are dropped. */
  byte[] frame(String what, Predicate<byte[]> wanted) throws InterruptedException {
    return next(frames, what, frame -> frame.length > 0 && wanted.test(frame));
  }

  /** The next console line that contains a text; others are dropped. */
  String line(String text) throws InterruptedException {
    return next(console, "console line '" + text + "'", line -> line.contains(text));
  }

  private static <T> T next(BlockingQueue<T> queue, String what, Predicate<T> wanted)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (true) {
      T item = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (item == null) {
        throw new AssertionError("no " + what + " within " + TIMEOUT_SECONDS + " s");
      }
      if (wanted.test(item)) {
        return item;
      }
    }
  }

  /** Exit status, once the guest has powered off. */
  int status() throws InterruptedException {
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the guest did not power off within " + TIMEOUT_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    cable.close();
  }
}
