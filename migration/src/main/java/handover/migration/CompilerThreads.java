package handover.migration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What the JVM's own compilers are doing, which Java does not tell: Linux does, thread by thread
 * (proc(5), {@code /proc/PID/task/TID/stat}). A compilation takes up to a second of one processor.
 */
final class CompilerThreads {
  private static final Path THREADS = Path.of("/proc/self/task");
  private static final long SAMPLE_NANOS = 4_000_000;

  private CompilerThreads() {}

  /**
   * Waits until none of them has been seen at work for some time.
   *
   * @param quietNanos for how long
   * @param mostNanos longest wait
   * @param enough ends the wait when it says so
   * @return whether it is so; where the host does not say what threads do, at once
   */
  static boolean awaitQuiet(long quietNanos, long mostNanos, BooleanSupplier enough) {
    long began = System.nanoTime();
    long quietSince = began;
    long now = began;
    while (now - quietSince < quietNanos) {
      if (now - began >= mostNanos || enough.getAsBoolean()) {
        return false;
      }
      if (busy()) {
        LockSupport.parkNanos(SAMPLE_NANOS);
        quietSince = System.nanoTime();
      } else if (Files.isDirectory(THREADS)) {
        LockSupport.parkNanos(SAMPLE_NANOS);
      } else {
        return true;
      }
      now = System.nanoTime();
    }
    return true;
  }

  /** Whether one compiles now, or would if it were given a processor. */
  static boolean busy() {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        if (compiles(thread.resolve("stat"))) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException e) {
      return false; // Not Linux, or a host that hides it.
    }
  }

  /** {@code TID (NAME) STATE ...}, NAME of at most 15 characters, STATE {@code R} if runnable. */
  private static boolean compiles(Path stat) {
    try {
      String line = new String(Files.readAllBytes(stat), StandardCharsets.ISO_8859_1);
      boolean compiler = line.contains(" (C1 Compiler") || line.contains(" (C2 Compiler");
      return compiler && line.startsWith(") R", line.lastIndexOf(')'));
    } catch (IOException e) {
      return false; // It has ended.
    }
  }
}
