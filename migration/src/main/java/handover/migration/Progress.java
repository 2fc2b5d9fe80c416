package handover.migration;

import handover.vmstate.BackEndBudget;
import handover.vmstate.Migratable;
import handover.vmstate.SectionHeader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Where one migration stands, written by its worker and read by anyone. */
final class Progress {
  private static final System.Logger LOG = System.getLogger(Progress.class.getName());

  private final List<MigrationListener> listeners;
  private final List<DeviceTally> devices = new ArrayList<>();
  private final long began = System.nanoTime();
  private MigrationStatus status = MigrationStatus.NONE;
  private Optional<String> error = Optional.empty();
  private OptionalLong ended = OptionalLong.empty();
  private OptionalLong active = OptionalLong.empty();
  private OptionalLong downtime = OptionalLong.empty();
  private OptionalLong expectedDowntime = OptionalLong.empty();
  private OptionalLong blackout = OptionalLong.empty();
  private MigrationInfo.Timings timings = MigrationInfo.Timings.NONE;
  private final List<Consumer<MigrationListener>> untold = new ArrayList<>();
  private boolean hushed;
  private MigrationInfo.Ram ram = new MigrationInfo.Ram(0, 0, 0, 0, 0, 0, 0, 0);

  Progress(List<MigrationListener> listeners) {
    this.listeners = listeners;
  }

  /** Makes a row for each section, in order. */
  synchronized void devices(List<Migratable<?>> sections) {
    devices.clear();
    for (Migratable<?> s : sections) {
      devices.add(new DeviceTally(SectionHeader.label(s.sectionName(), s.instanceId())));
    }
  }

  /** Updates the row of the section at {@code index}. */
  synchronized void device(int index, Consumer<DeviceTally> update) {
    update.accept(devices.get(index));
  }

  synchronized List<Long> loadTimes() {
    return devices.stream().map(DeviceTally::loadMicros).toList();
  }

  /** What a section's back end cost, if it has one. */
  synchronized void backEnd(int index, Optional<BackEndBudget> budget) {
    budget.ifPresent(devices.get(index)::backEnd);
  }

  synchronized List<Optional<BackEndBudget>> backEnds() {
    return devices.stream().map(DeviceTally::backEnd).toList();
  }

  synchronized List<Long> commitTimes() {
    return devices.stream().map(DeviceTally::commitMicros).toList();
  }

  synchronized void timings(MigrationInfo.Timings measured) {
    timings = measured;
  }

  synchronized MigrationStatus status() {
    return status;
  }

  /** Moves on; listeners hear of it unless the migration had already ended or is there. */
  void status(MigrationStatus next) {
    synchronized (this) {
      if (status == next || status.ended() && status != MigrationStatus.NONE) {
        return;
      }
      // A cancel under way is not forgotten by a worker that has not noticed it yet.
      if (status == MigrationStatus.CANCELLING && !next.ended()) {
        return;
      }
      status = next;
      if (next == MigrationStatus.ACTIVE && active.isEmpty()) {
        active = OptionalLong.of(System.nanoTime());
      }
      if (next.ended()) {
        ended = OptionalLong.of(System.nanoTime());
      }
    }
    Instant when = Instant.now();
    tell(l -> l.statusChanged(next, when));
    if (next.ended()) {
      speak();
    }
  }

  void fail(String reason) {
    synchronized (this) {
      error = Optional.of(reason);
    }
    status(MigrationStatus.FAILED);
  }

  void pass(long rounds) {
    Instant when = Instant.now();
    tell(l -> l.passFinished(rounds, when));
  }

  synchronized void ram(MigrationInfo.Ram now) {
    ram = now;
  }

  synchronized void expectedDowntimeMicros(long micros) {
    expectedDowntime = OptionalLong.of(micros);
  }

  synchronized void measured(OptionalLong downtimeMicros, OptionalLong blackoutMicros) {
    downtime = downtimeMicros;
    blackout = blackoutMicros;
  }

  synchronized MigrationInfo snapshot() {
    boolean begun = status != MigrationStatus.NONE;
    long until = ended.orElseGet(System::nanoTime);
    return new MigrationInfo(
        status,
        error,
        begun ? (until - began) / 1_000 : 0,
        begun ? (active.orElse(until) - began) / 1_000 : 0,
        downtime,
        expectedDowntime,
        blackout,
        ram,
        devices.stream().map(DeviceTally::snapshot).toList(),
        timings);
  }

  /** The guest is about to stop: listeners hear what happens when it runs again, or at the end. */
  synchronized void hush() {
    hushed = true;
  }

  /** Tells listeners what happened meanwhile. */
  void speak() {
    List<Consumer<MigrationListener>> all;
    synchronized (this) {
      hushed = false;
      all = List.copyOf(untold);
      untold.clear();
    }
    all.forEach(this::tellNow);
  }

  private void tell(Consumer<MigrationListener> news) {
    synchronized (this) {
      if (hushed) {
        untold.add(news);
        return;
      }
    }
    tellNow(news);
  }

  private void tellNow(Consumer<MigrationListener> news) {
    for (MigrationListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a migration listener failed", e);
      }
    }
  }
}
