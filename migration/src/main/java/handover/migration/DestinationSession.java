package handover.migration;

import handover.memory.RamBlock;
import handover.vmstate.CarriesFrames;
import handover.vmstate.Migratable;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What the phases of one incoming migration share. */
final class DestinationSession implements AutoCloseable {
  private final MigratableMachine machine;
  private final MigrationSettings settings;
  private final RightOfWay rightOfWay;
  private final Progress progress;
  private final StreamInput in;
  private final StreamOutput out;
  private final WireReader reader;
  private final RamLoader ram;
  private final List<Migratable<?>> devices;
  private final List<DestinationSection<?>> sections = new ArrayList<>();
  private final ExecutorService stager =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("migration-stage").factory());
  private final Runnable announcer;
  private final Runnable arrival;
  private boolean returnPath;
  private boolean carries;
  private volatile boolean handover;
  private final AtomicInteger staging = new AtomicInteger();
  private Optional<Rehearsal> rehearsal = Optional.empty();
  private Optional<HeadStart> headStart = Optional.empty();
  private Optional<Warming> warming = Optional.empty();
  private List<Integer> order = List.of();
  private final Timeline timeline = new Timeline(DestinationMessage.SIDE);
  private OptionalLong stopHeard = OptionalLong.empty();
  private volatile StreamException stagingFailure;

  DestinationSession(
      MigratableMachine machine,
      MigrationSettings settings,
      Progress progress,
      StreamInput in,
      StreamOutput out,
      Runnable announcer,
      Runnable arrival) {
    this.announcer = announcer;
    this.arrival = arrival;
    this.machine = machine;
    this.settings = settings;
    this.rightOfWay = new RightOfWay(settings);
    this.progress = progress;
    this.in = in;
    this.out = out;
    this.reader = new WireReader(in);
    this.ram = new RamLoader(Offer.readableBlocks(machine), Offer.optional(machine), in, reader);
    this.devices = machine.sections();
    progress.devices(devices);
    devices.forEach(d -> sections.add(new DestinationSection<>(d)));
  }

  MigratableMachine machine() {
    return machine;
  }

  RightOfWay rightOfWay() {
    return rightOfWay;
  }

  MigrationSettings settings() {
    return settings;
  }

  Progress progress() {
    return progress;
  }

  WireReader reader() {
    return reader;
  }

  RamLoader ram() {
    return ram;
  }

  /** Our sections, in our order. */
  List<DestinationSection<?>> sections() {
    return sections;
  }

  boolean returnPath() {
    return returnPath;
  }

  void openReturnPath() {
    returnPath = true;
  }

  /** Whether the source is a Handover. */
  boolean handover() {
    return handover;
  }

  void handover(boolean agreed) {
    handover = agreed;
  }

  /** Index among our sections of the source's i-th. */
  int local(int offered) {
    if (offered >= order.size()) {
      throw new StreamException(
          "section %d of %d that were offered".formatted(offered, order.size()));
    }
    return order.get(offered);
  }

  /** Index among our sections, in the source's order. */
  List<Integer> order() {
    return order;
  }

  void order(Offer offer) {
    List<Integer> all = new ArrayList<>();
    for (Offer.Section section : offer.sections()) {
      all.add(find(section.name(), section.instanceId()).orElseThrow());
    }
    order = List.copyOf(all);
  }

  /** Index of one of our sections. */
  Optional<Integer> find(String name, int instanceId) {
    for (int i = 0; i < devices.size(); i++) {
      if (devices.get(i).sectionName().equals(name) && devices.get(i).instanceId() == instanceId) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Frames follow the guest to those devices that can take them, which make room for them now. */
  void carryFrames(boolean agreed) {
    carries = agreed;
    carriers().forEach(CarriesFrames::expectFrames);
  }

  /** Devices that frames follow. */
  List<CarriesFrames> carriers() {
    return carries
        ? devices.stream()
            .filter(CarriesFrames.class::isInstance)
            .map(CarriesFrames.class::cast)
            .toList()
        : List.of();
  }

  /** The device behind one of our sections, if frames follow it. */
  Optional<CarriesFrames> carrier(int section) {
    return carries && devices.get(section) instanceof CarriesFrames device
        ? Optional.of(device)
        : Optional.empty();
  }

  /** Frames that come here are the guest's, like on any other day. */
  void endCarrying() {
    carriers().forEach(CarriesFrames::endCarrying);
  }

  /** The guest runs: its networks should know first. */
  void announce() {
    announcer.run();
  }

  /** The guest runs here, and everybody was told. */
  void arrived() {
    rightOfWay.giveBack();
    headStart.ifPresent(HeadStart::close);
    report();
    arrival.run();
    progress.status(MigrationStatus.COMPLETED);
  }

  /**
   * Goes through the motions once more on this thread, which will do it in earnest; from now on the
   * compilers keep out of its way.
   */
  void limberUp() {
    if (handover && settings.enabled(Capability.X_REHEARSE)) {
      rightOfWay.take();
      Rehearsal.limberUp(
          sections.stream()
              .flatMap(s -> Stream.<Runnable>of(s::limberUp, s::rehearseCommit))
              .toList());
    }
  }

  /** The guest is about to stop on the source. */
  void stopHeard() {
    progress.hush();
    timeline.prepare();
    long now = System.nanoTime();
    stopHeard = OptionalLong.of(now);
    timeline.begin(now);
  }

  /** What is done since the guest stopped. */
  Timeline timeline() {
    return timeline;
  }

  OptionalLong whenStopHeard() {
    return stopHeard;
  }

  /** Sends a return path message of QEMU's. */
  void say(int type, int... words) {
    WireWriter message = new WireWriter();
    message.u16(type);
    message.u16(4 * words.length);
    for (int word : words) {
      message.u32(word);
    }
    send(message);
  }

  /** Sends one of our own. */
  void say(DestinationMessage message) {
    WireWriter bytes = new WireWriter();
    message.write(bytes);
    send(bytes);
  }

  private synchronized void send(WireWriter message) {
    out.append(message);
    out.flush();
  }

  /** Has a device prepared beside the stream, which goes on; acknowledges when it is. */
  void stage(SourceMessage.Early early) {
    Supplier<CompletionStage<Void>> work = sections.get(local(early.section())).early(early);
    staging.incrementAndGet();
    stager.execute(
        () -> {
          try {
            if (stagingFailure == null) {
              work.get().whenCompleteAsync((done, failure) -> staged(early, failure), stager);
            }
          } catch (StreamException e) {
            stagingFailure = e;
          }
        });
  }

  private void staged(SourceMessage.Early early, Throwable failure) {
    try {
      switch (failure) {
        case null -> say(new DestinationMessage.Ack(early.section(), early.sequence()));
        case StreamException e -> stagingFailure = e;
        case CancellationException e -> {} // It was undone.
        default ->
            stagingFailure = new StreamException("preparing a device failed: " + failure, failure);
      }
    } catch (StreamException e) {
      stagingFailure = e;
    }
    staging.decrementAndGet();
  }

  /** Memory begins to come, and has the processors to itself at first. */
  void memoryBegins() {
    headStart = Optional.of(new HeadStart(this::rehearse));
  }

  /** More of it has come. */
  void memoryCame() {
    headStart.ifPresent(HeadStart::look);
  }

  /** The source waits for an answer: a round of memory is over. */
  void roundEnds() {
    headStart.ifPresent(HeadStart::end);
  }

  /**
   * Begins to rehearse what is done at the stop, loading every section from nothing for one; if
   * wanted. Another Handover hears when it is over.
   */
  private void rehearse() {
    if (settings.enabled(Capability.X_REHEARSE)) {
      CompilerThreads.stepBack(); // To no effect: what it calls is linked now.
      warming = Optional.of(new Warming(machine, this::rehearsed));
      rehearsal =
          Optional.of(
              new Rehearsal(
                  MoveRehearsal.once(machine, settings.value(Parameter.X_REHEARSE_MOVES)),
                  8 * settings.value(Parameter.X_REHEARSE_MOVES),
                  sections.stream().<Runnable>map(section -> section::rehearse).toList(),
                  warming.get()::rehearsed));
    } else {
      rehearsed();
    }
  }

  /** Gets ready for what is hot, beside the stream, if anything is rehearsed. */
  void warmUp(byte[] hotCode) {
    boolean wanted = settings.enabled(Capability.X_WARM_ARRIVAL);
    roundEnds();
    warming.ifPresent(w -> w.heard(wanted ? hotCode : new byte[0]));
  }

  private void rehearsed() {
    try {
      if (handover) {
        say(new DestinationMessage.Rehearsed());
      }
    } catch (StreamException e) {
      System.getLogger(DestinationSession.class.getName())
          .log(System.Logger.Level.DEBUG, "the source did not hear of the rehearsal's end", e);
    }
  }

  /** The source's guest stops now: what is to be loaded is waited for. */
  void endRehearsal() {
    headStart.ifPresent(HeadStart::cancel);
    rehearsal.ifPresent(Rehearsal::finish);
    rehearsal = Optional.empty();
    warming.ifPresent(Warming::finish);
  }

  /** Throws what went wrong while preparing devices. */
  void checkStaging() {
    StreamException failure = stagingFailure;
    if (failure != null) {
      throw new StreamException(failure.getMessage(), failure);
    }
  }

  /**
   * Waits until nothing begins to be prepared any more. Where all is prepared, as it is before most
   * stops, there is no thread to wait for.
   */
  void awaitStaging() {
    if (staging.get() != 0) {
      settle();
    }
    checkStaging();
  }

  private void settle() {
    try {
      stager.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StreamException("interrupted while devices were being prepared", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("doing nothing failed", e);
    }
  }

  /** RAM figures as they are now. */
  void report() {
    progress.ram(
        new MigrationInfo.Ram(
            in.position(),
            0,
            machine.ramBlocks().stream().mapToLong(RamBlock::size).sum(),
            ram.zeroPages(),
            ram.normalPages(),
            0,
            0,
            0));
  }

  /**
   * Undoes what was staged, and tells the source why, if it listens: in words to a Handover, with a
   * SHUT that is not 0 to a QEMU.
   */
  void fail(String reason) {
    rightOfWay.giveBack();
    headStart.ifPresent(HeadStart::close);
    try {
      if (handover) {
        say(new DestinationMessage.Failed(reason));
      } else if (returnPath) {
        say(StreamFormat.RETURN_SHUT, 1);
      }
    } catch (StreamException e) {
      System.getLogger(DestinationSession.class.getName())
          .log(System.Logger.Level.DEBUG, "the source did not hear why", e);
    }
    settle();
    endRehearsal();
    sections.forEach(DestinationSection::discard);
    endCarrying();
  }

  @Override
  public void close() {
    headStart.ifPresent(HeadStart::close);
    stager.shutdown();
  }
}
