package handover.lab;

import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Boots a guest in one process, moves it to another and back while it is used, and measures.
 *
 * <p>Two moves are measured. A third one digests all of RAM on both sides while the guest is
 * stopped; it would spoil the downtime of the others.
 */
public final class Demo implements AutoCloseable {
  private static final int GUEST_ADDRESS = 0x0a00_020f;
  private static final Duration LOAD_BEFORE_MOVE = Duration.ofSeconds(2);
  private static final Duration BEAT = Duration.ofSeconds(20);

  private final DemoGuest guest;
  private final Consumer<String> out;
  private final Consumer<MigrationProgress> progress;
  private final Testbed testbed;
  private final Heartbeat heartbeat;
  private final List<Move> moves = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private boolean damaged;

  /**
   * A demo not yet begun.
   *
   * @param iterative the network device's {@code iterative-mig}
   * @param out takes lines of text
   * @param progress hears how each move is getting on
   */
  public Demo(
      DemoGuest guest, String iterative, Consumer<String> out, Consumer<MigrationProgress> progress)
      throws IOException {
    this.guest = guest;
    this.out = out;
    this.progress = progress;
    this.heartbeat = new Heartbeat(guest.beat());
    this.testbed = new Testbed(guest, Testbed.Network.plain(iterative), "", out);
  }

  /** Does it all; returns what was seen even if a move failed. */
  public DemoReport run() throws IOException, InterruptedException {
    out.accept("Booting the " + guest.label() + " guest on host a ...");
    VmProcess a = testbed.boot("a", LOAD_BEFORE_MOVE);
    Optional<TcpHost> tcp = guest.speaksTcp() ? Optional.of(connect()) : Optional.empty();
    VmProcess b = testbed.incoming("b");
    boolean moved = measure("a -> b", a, b);
    VmProcess back = moved ? testbed.incoming("a2") : a;
    moved = moved && measure("b -> a", b, back);
    boolean equal = moved && verify(back);
    Optional<TcpConversation.Report> said = tcp.map(TcpHost::report);
    return new DemoReport(
        guest.label(),
        moved,
        List.copyOf(moves),
        equal && !damaged,
        heartbeat.continuous(),
        said,
        List.copyOf(words));
  }

  @Override
  public void close() throws IOException {
    testbed.close();
  }

  private TcpHost connect() throws IOException {
    byte[] mac =
        testbed.probe().guestMac().orElseThrow(() -> new IOException("the guest has no address"));
    return testbed.keep(new TcpHost(testbed.wire("tcp"), mac, GUEST_ADDRESS));
  }

  private boolean measure(String name, VmProcess from, VmProcess to) throws InterruptedException {
    out.accept("Moving it " + name + " ...");
    Testbed.Measured measured = testbed.measure(name, from, to, Testbed.plan(), progress);
    note(measured.outcome(), from);
    measured.move().ifPresent(moves::add);
    if (measured.outcome().moved() && !measured.answered()) {
      words.add("the guest answers too few probes after the move");
    }
    return measured.outcome().moved();
  }

  private void note(MigrationOutcome outcome, VmProcess from) {
    if (!outcome.moved()) {
      words.add(outcome.words());
      words.addAll(outcome.reasons());
    }
    listen(from);
  }

  private void listen(VmProcess host) {
    String printed = host.console().since(0);
    heartbeat.take(printed);
    damaged |= guest.damage().matcher(printed).find();
  }

  /** Moves once more, with both sides digesting RAM while the guest is stopped. */
  private boolean verify(VmProcess from) throws IOException, InterruptedException {
    out.accept("Moving it once more, comparing a digest of all memory ...");
    VmProcess to = testbed.incoming("c");
    MigrationOutcome outcome =
        testbed.move(
            from, to, Testbed.plan().withCapabilities(Map.of("x-verify-ram", true)), progress);
    note(outcome, from);
    if (outcome.moved() && to.console().await(guest.beat(), 0, BEAT).isPresent()) {
      listen(to);
    }
    return outcome.moved();
  }
}
