package handover.migration;

import handover.memory.RamBlock;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** What the phases of one outgoing migration share. Only {@link #cancel} is for other threads. */
final class SourceSession {
  /** Who may run the guest. */
  enum Ownership {
    /** We; any failure ends with the guest running on here. */
    OURS,
    /** The permission is on its way: nobody can tell until the destination speaks. */
    UNKNOWN,
    /** The destination runs it. */
    THEIRS
  }

  /** What is known of the other side. */
  enum Peer {
    /** Nothing comes back. */
    ONE_WAY,
    /** A QEMU that answers on the return path. */
    PLAIN,
    /** Another Handover, with which an agreement was reached. */
    HANDOVER
  }

  private static final long QUIET_NANOS = 15_000_000L;

  private final MigratableMachine machine;
  private final MigrationSettings settings;
  private final Progress progress;
  private final MigrationAddress address;
  private final RightOfWay rightOfWay;
  private final List<SourceSection<?>> sections = new ArrayList<>();
  private Optional<Rehearsal> rehearsal = Optional.empty();
  private Optional<ReturnPath> returnPath = Optional.empty();
  private Optional<Landmarks> landmarks = Optional.empty();
  private Peer peer = Peer.ONE_WAY;
  private Optional<FrameForwarding> forwarding = Optional.empty();
  private Link link;
  private RamSaver ram;
  private int pings = 1;
  private final Timeline timeline = new Timeline("source");
  private long rounds;
  private boolean toldHotCode;
  private boolean recording;
  private boolean ran;
  private OptionalLong stopped = OptionalLong.empty();
  private Ownership ownership = Ownership.OURS;
  private ByteChannel channel;
  private boolean cancelled;
  private boolean kept;

  SourceSession(
      MigratableMachine machine,
      MigrationSettings settings,
      Progress progress,
      MigrationAddress address) {
    this.machine = machine;
    this.settings = settings;
    this.progress = progress;
    this.address = address;
    this.rightOfWay = new RightOfWay(settings);
    QemuRelease release = machine.stream();
    List<Migratable<?>> devices = Offer.written(machine);
    progress.devices(devices);
    for (int i = 0; i < devices.size(); i++) {
      sections.add(new SourceSection<>(devices.get(i), i, release));
    }
  }

  MigratableMachine machine() {
    return machine;
  }

  MigrationSettings settings() {
    return settings;
  }

  Progress progress() {
    return progress;
  }

  MigrationAddress address() {
    return address;
  }

  List<SourceSection<?>> sections() {
    return sections;
  }

  Peer peer() {
    return peer;
  }

  void peer(Peer known) {
    peer = known;
    if (known == Peer.HANDOVER) {
      ram.inRuns();
    }
  }

  StreamOutput out() {
    return link.out();
  }

  RamSaver ram() {
    return ram;
  }

  long channelTimeout() {
    return settings.value(Parameter.X_CHANNEL_TIMEOUT);
  }

  /** Makes {@code fresh} the channel that a cancel closes. */
  void connecting(ByteChannel fresh) throws IOException {
    synchronized (this) {
      channel = fresh;
    }
    if (cancelled()) {
      fresh.close();
      throw new MigrationCancelled();
    }
  }

  /** The channel is connected: streams can be made of it. */
  void connected() {
    link = new Link(channel, () -> channelTimeout() * 1_000_000, false);
    ram = new RamSaver(machine.ramBlocks(), link.out(), sections.size());
  }

  /** Whether the destination may answer. */
  boolean twoWay() {
    return settings.enabled(Capability.RETURN_PATH) && !(address instanceof MigrationAddress.Disk);
  }

  Optional<Link> link() {
    return Optional.ofNullable(link);
  }

  /** Begins to listen to the destination, to which {@code sent} goes. */
  void openReturnPath(Offer sent) {
    ReturnPath path = new ReturnPath(link.in(), sections.size());
    landmarks = Optional.of(new Landmarks(sent));
    path.onPong(landmarks.get()::answered);
    synchronized (this) {
      returnPath = Optional.of(path);
    }
    path.start(rightOfWay::hurry);
    if (cancelled()) {
      throw new MigrationCancelled();
    }
  }

  synchronized Optional<ReturnPath> returnPath() {
    return returnPath;
  }

  /** Appends a command that QEMU knows. */
  void command(int number, byte... payload) {
    out().u8(StreamFormat.COMMAND);
    out().u16(number);
    out().u16(payload.length);
    out().bytes(payload, 0, payload.length);
  }

  /** Appends a PING. */
  void ping(int value) {
    command(
        StreamFormat.COMMAND_PING,
        (byte) (value >> 24),
        (byte) (value >> 16),
        (byte) (value >> 8),
        (byte) value);
  }

  /** Has a QEMU tell when it has read up to here, where {@code next} follows; nobody waits. */
  void landmark(Function<Offer, StreamPart> next) {
    if (peer == Peer.PLAIN) {
      landmark(++pings, next);
    }
  }

  /** The same by a PING of this value, whoever is at the other end. */
  void landmark(int ping, Function<Offer, StreamPart> next) {
    landmarks.orElseThrow().set(ping, next);
    ping(ping);
  }

  /** How far a destination came that gives no reasons, in words. */
  Optional<String> reached() {
    return peer == Peer.HANDOVER
        ? Optional.empty()
        : returnPath()
            .flatMap(path -> landmarks.map(l -> l.reached().explanation(path.everythingWasRead())));
  }

  /**
   * Sends everything and waits until the destination has worked it off, so that no queue is left to
   * drain while the guest stands still. Does nothing where nothing comes back.
   */
  void fence() {
    out().flush();
    if (returnPath().isPresent()) {
      int value = ++pings;
      ping(value);
      out().flush();
      link.acknowledgeAtOnce();
      returnPath().get().awaitEcho(value, channelTimeout());
    }
  }

  RightOfWay rightOfWay() {
    return rightOfWay;
  }

  /**
   * Goes through the motions of the stop once more while the guest still runs, as the destination
   * does in the meantime: code and data that were not touched for some milliseconds are in no
   * cache, and cost the blackout several times as much.
   */
  void limberUp() {
    int value = ++pings;
    ping(value);
    out().flush();
    if (settings.enabled(Capability.X_REHEARSE)) {
      Rehearsal.limberUp(sections.stream().<Runnable>map(section -> section::rehearse).toList());
    }
    returnPath().orElseThrow().awaitEcho(value, channelTimeout());
  }

  /** Lets the destination know that a slow source is not a dead one. */
  void keepAlive() {
    if (returnPath().isPresent()) {
      ping(0);
      out().flush();
    }
  }

  /** Between two sections: stops the worker if it was cancelled or the destination gave up. */
  void checkpoint() {
    if (cancelled()) {
      throw new MigrationCancelled();
    }
    returnPath().ifPresent(ReturnPath::check);
  }

  /** Starts recording; every page is dirty. */
  void startRecording() {
    recording = true;
    machine.recordDirtyPages(true);
  }

  /** Takes over what is dirty now; returns pages newly dirty. */
  long collect() {
    rounds++;
    long fresh = machine.collectDirtyPages(ram.dirty());
    progress.pass(rounds);
    return fresh;
  }

  long rounds() {
    return rounds;
  }

  /**
   * Begins to rehearse what is done at the stop, saving every section into nothing for one; if
   * wanted.
   */
  void rehearse() {
    if (settings.enabled(Capability.X_REHEARSE)) {
      CompilerThreads.stepBack(); // To no effect: what it calls is linked now.
      rehearsal =
          Optional.of(
              new Rehearsal(
                  MoveRehearsal.once(machine, settings.value(Parameter.X_REHEARSE_MOVES)),
                  8 * settings.value(Parameter.X_REHEARSE_MOVES),
                  sections.stream().map(this::rehearsalOf).toList(),
                  () -> {}));
    }
  }

  /** Between two Handovers nobody reads a description. */
  private Runnable rehearsalOf(SourceSection<?> section) {
    return peer == Peer.HANDOVER ? section::rehearse : section::rehearseDescribed;
  }

  /**
   * Tells another Handover, once, where the guest is hot: the code itself has arrived there. If
   * that is not wanted, that there is nothing to tell: it waits for the message.
   */
  void tellHotCode() {
    if (rehearsal.isPresent() && peer == Peer.HANDOVER && !toldHotCode) {
      toldHotCode = true;
      boolean wanted = settings.enabled(Capability.X_WARM_ARRIVAL);
      new SourceMessage.Hot(wanted ? machine.hotCode() : new byte[0]).write(out());
      out().flush();
    }
  }

  /** Waits, but not for long, until both sides have rehearsed what they will; whether they have. */
  boolean rehearsed(long millis) {
    return rehearsal
        .map(
            r ->
                r.await(millis)
                    && (peer != Peer.HANDOVER || returnPath().orElseThrow().awaitRehearsed(millis)))
        .orElse(true);
  }

  /** Waits, but not for long, until nothing here is compiled; whether that is so, if wanted. */
  boolean compilersQuiet() {
    return rehearsal.isEmpty()
        || CompilerThreads.awaitQuiet(QUIET_NANOS, 2 * QUIET_NANOS, this::cancelled);
  }

  /** Ends the rehearsal, if it has not ended by itself. */
  void endRehearsal() {
    rehearsal.ifPresent(Rehearsal::finish);
  }

  /** Stops the guest. */
  void stopGuest() {
    ran = machine.running();
    timeline.prepare();
    long now = System.nanoTime();
    stopped = OptionalLong.of(now);
    timeline.begin(now);
    machine.stopForMigration();
    timeline.mark("stop");
  }

  /** What is done since the stop. */
  Timeline timeline() {
    return timeline;
  }

  /** When the guest was told to stop; only if it ran. */
  OptionalLong stoppedRunning() {
    return ran ? stopped : OptionalLong.empty();
  }

  /** It is over, in failure: what is ours now stays ours, whatever the destination says yet. */
  synchronized Ownership keep() {
    kept = true;
    return ownership;
  }

  /** Frames are to follow the guest. */
  void carryFrames(boolean agreed) {
    if (agreed) {
      FrameForwarding all = new FrameForwarding(out());
      sections.forEach(s -> s.carrier().ifPresent(c -> all.add(s.index(), c)));
      forwarding = Optional.of(all);
    }
  }

  /** What sends frames after the guest, if that was agreed. */
  Optional<FrameForwarding> forwarding() {
    return forwarding;
  }

  /** The guest runs on the other side: now there is time to tell what was not told meanwhile. */
  void tellStopped() {
    machine.tellStopped();
    progress.speak();
  }

  /** From here on the outcome is not ours to decide. A cancel comes too late. */
  void giveAway() {
    synchronized (this) {
      if (!cancelled && !kept) {
        ownership = Ownership.UNKNOWN;
        return;
      }
    }
    throw new MigrationCancelled();
  }

  /** The destination has said that it runs the guest, or the format has no word for it. */
  synchronized void gone() {
    ownership = Ownership.THEIRS;
  }

  /** The destination has said that it will never run the guest. */
  synchronized void takeBack() {
    ownership = Ownership.OURS;
  }

  /** Everything as before: nothing recorded, the guest runs if it ran. */
  void restore() {
    endRehearsal();
    try {
      if (recording) {
        machine.recordDirtyPages(false);
      }
    } finally {
      if (stopped.isPresent()) {
        machine.resumeAfterFailure();
      }
      rightOfWay.giveBack();
    }
  }

  /** The guest is not ours any more. */
  void release() {
    try {
      machine.recordDirtyPages(false);
    } finally {
      machine.handedOver();
      rightOfWay.giveBack();
    }
  }

  synchronized boolean cancelled() {
    return cancelled;
  }

  /** Asks the worker to stop; false if the guest is no longer ours to keep. */
  boolean cancel() {
    Optional<ReturnPath> path;
    synchronized (this) {
      if (ownership != Ownership.OURS) {
        return false;
      }
      cancelled = true;
      path = returnPath;
    }
    path.ifPresent(ReturnPath::cancel);
    return true;
  }

  /** Closes the connection under a worker that may be stuck in it. */
  void sever() {
    ByteChannel open;
    synchronized (this) {
      open = channel;
    }
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new StreamException("closing the migration connection failed: " + e.getMessage(), e);
      }
    }
  }

  /** RAM figures as they are now. */
  void report(long remainingPages, long dirtyPagesRate, long bytesPerSecond) {
    progress.ram(
        new MigrationInfo.Ram(
            out().position(),
            remainingPages * RamFormat.PAGE,
            machine.ramBlocks().stream().mapToLong(RamBlock::size).sum(),
            ram.zeroPages(),
            ram.normalPages(),
            rounds,
            dirtyPagesRate,
            bytesPerSecond));
  }
}
