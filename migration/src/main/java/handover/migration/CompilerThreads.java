package handover.migration;

import handover.memory.Scheduling;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What the JVM's own compilers are doing, which Java does not tell: Linux does, thread by thread
 * (proc(5), {@code /proc/PID/task/TID/stat}). A compilation takes up to a second of one processor,
 * and while a guest stands still there is always something to compile: what is done then is rare.
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

  /**
   * Keeps them to the last processor there is, so that whom a guest waits for need not wait for
   * them; on both sides of a move on one host it is the same one. Any thread but one of them.
   */
  static void stepAside() {
    BitSet all = Scheduling.processors();
    if (all.cardinality() > 1) {
      BitSet last = new BitSet();
      last.set(all.length() - 1);
      keepTo(last);
    }
  }

  /** Lets them run wherever the calling thread may. */
  static void stepBack() {
    BitSet all = Scheduling.processors();
    if (!all.isEmpty()) {
      keepTo(all);
    }
  }

  private static void keepTo(BitSet processors) {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        String stat = stat(thread);
        if (isCompiler(stat)) {
          Scheduling.keep(Integer.parseInt(stat, 0, stat.indexOf(' '), 10), processors);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Not Linux, or a host that hides it.
    }
  }

  /** Whether one compiles now, or would if it were given a processor. */
  static boolean busy() {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        String stat = stat(thread);
        if (isCompiler(stat) && stat.startsWith(") R", stat.lastIndexOf(')'))) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException e) {
      return false; // Not Linux, or a host that hides it.
    }
  }

  /** {@code TID (NAME) STATE ...}, NAME of at most 15 characters, STATE {@code R} if runnable. */
  private static String stat(Path thread) {
    try {
      return new String(Files.readAllBytes(thread.resolve("stat")), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // It has ended.
    }
  }

  private static boolean isCompiler(String stat) {
    return stat.contains(" (C1 Compiler") || stat.contains(" (C2 Compiler");
  }
}
