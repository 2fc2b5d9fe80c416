package handover.migration;

import handover.memory.Background;
import handover.memory.HostMapping;
import handover.memory.RamBlock;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A little memory that goes through both forms of the stream for a moment, before the first guest's
 * does: a guest's whole memory passes in the time that a JVM needs to compile the code it passes
 * through. Once in the life of a process.
 */
final class RamRehearsal {
  private static final System.Logger LOG = System.getLogger(RamRehearsal.class.getName());
  private static final long PAGES = 1024;
  private static final long BYTES = PAGES * RamFormat.PAGE;
  private static final long PART = 1 << 20;

  /** In QEMU's form, each page has a record of its own. */
  private static final int PLAIN_ROUNDS = 32;

  private static final int ROUNDS_IN_RUNS = 16;
  private static final long QUIET_NANOS = 15_000_000L;
  private static final long SILENCE_NANOS = 10_000_000_000L;

  /** Pages in a row that are alike: full ones, then empty ones, and so on. */
  private static final int[] ROWS = {1, 1, 2, 1, 5, 3, 64, 20, 1, 2, 100, 1, 7, 40};

  private static Optional<RamRehearsal> first = Optional.empty();

  private final CountDownLatch over = new CountDownLatch(1);
  private final long deadline;
  private volatile boolean well;

  private RamRehearsal(long millis) {
    this.deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /**
   * Does it, unless that was done before, and waits until it is over.
   *
   * @param millis longest wait; with 0 it is not begun
   * @return whether it went well
   */
  static boolean once(long millis) {
    return millis > 0 && begun(millis).await(millis);
  }

  private static synchronized RamRehearsal begun(long millis) {
    if (first.isEmpty()) {
      RamRehearsal rehearsal = new RamRehearsal(millis);
      first = Optional.of(rehearsal);
      Thread.ofPlatform().daemon().name("migration-rehearse").start(rehearsal::run);
    }
    return first.get();
  }

  private boolean await(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS) && well;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    Background.rest();
    try (Arena arena = Arena.ofShared()) {
      List<RamBlock> from = block(arena);
      List<RamBlock> to = block(arena);
      fill(from.getFirst().segment());
      move(from, to, false);
      move(from, to, true);
      well = from.getFirst().segment().mismatch(to.getFirst().segment()) < 0;
      long left = deadline - System.nanoTime();
      var unused = CompilerThreads.awaitQuiet(QUIET_NANOS, left, () -> false);
    } catch (IOException | RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "rehearsing memory failed; the first may be slow", e);
    } finally {
      Background.goOn();
      over.countDown();
    }
  }

  private static List<RamBlock> block(Arena arena) {
    MemorySegment memory = arena.allocate(BYTES, RamFormat.PAGE);
    return List.of(new RamBlock("rehearsal", HostMapping.of(memory)));
  }

  private static void fill(MemorySegment memory) {
    long page = 0;
    for (int i = 0; page < PAGES; i++) {
      long row = Math.min(ROWS[i % ROWS.length], PAGES - page);
      byte content = (byte) (i % 2 == 0 ? 0x55 : 0);
      memory.asSlice(page * RamFormat.PAGE, row * RamFormat.PAGE).fill(content);
      page += row;
    }
  }

  /** All pages, again and again, from another thread to this one. */
  private void move(List<RamBlock> from, List<RamBlock> to, boolean inRuns) throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
      try (SocketChannel there = SocketChannel.open(server.getLocalAddress());
          SocketChannel here = server.accept()) {
        // Anybody on this host may have been quicker.
        if (here.getRemoteAddress().equals(there.getLocalAddress())) {
          Link.tune(there);
          Link.tune(here);
          move(from, there, to, here, inRuns);
        }
      }
    }
  }

  private void move(
      List<RamBlock> from,
      SocketChannel there,
      List<RamBlock> to,
      SocketChannel here,
      boolean inRuns) {
    Thread sender =
        Thread.ofPlatform()
            .daemon()
            .name("migration-rehearse")
            .start(() -> send(there, from, inRuns));
    try (Link link = new Link(here, () -> SILENCE_NANOS, true)) {
      receive(link.in(), to, inRuns);
    } finally {
      join(sender);
    }
  }

  private void send(SocketChannel channel, List<RamBlock> blocks, boolean inRuns) {
    int rounds = inRuns ? ROUNDS_IN_RUNS : PLAIN_ROUNDS;
    try (Link link = new Link(channel, () -> SILENCE_NANOS, false)) {
      RamSaver saver = new RamSaver(blocks, link.out(), 1);
      if (inRuns) {
        saver.inRuns();
      }
      saver.sendSetup();
      int round = 0;
      do {
        Arrays.fill(saver.dirty()[0], -1L);
        saver.beginRound();
        boolean more = true;
        while (more) {
          more = saver.sendPart(PART);
        }
        round++;
      } while (round < rounds && System.nanoTime() - deadline < 0);
      saver.sendEnd();
      link.out().flush();
    } catch (StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, "rehearsing memory ended early", e);
    }
  }

  private static void receive(StreamInput in, List<RamBlock> blocks, boolean inRuns) {
    WireReader reader = new WireReader(in);
    RamLoader loader = new RamLoader(blocks, Set.of(), in, reader);
    if (inRuns) {
      loader.inRuns();
    }
    int type;
    do {
      type = reader.u8();
      SectionHeader header = SectionHeader.read(type, reader);
      loader.load();
      header.readFooter(reader);
    } while (type != StreamFormat.SECTION_END);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
