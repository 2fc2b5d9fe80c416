package handover.migration;

import handover.vmstate.IterativeMigration;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What a switchover does to the state of devices, and nothing else of a migration: saved on one
 * machine, staged, completed and committed on another that stands still. A whole move has many
 * threads that wait for each other, a drill has one, and is over in a hundredth of the time: what
 * runs once in a switchover becomes hot here.
 */
public final class SwitchoverDrill {
  private static final long STAGING_SECONDS = 10;

  private final List<Pair<?>> pairs = new ArrayList<>();

  /**
   * A drill for machines that could hand their guest to each other.
   *
   * @param from may run; nothing of it changes
   * @param to runs no guest; its state is worthless afterwards
   */
  public SwitchoverDrill(MigratableMachine from, MigratableMachine to) {
    for (Migratable<?> device : Offer.written(from)) {
      to.sections().stream()
          .filter(d -> d.sectionName().equals(device.sectionName()))
          .filter(d -> d.instanceId() == device.instanceId())
          .forEach(d -> pairs.add(new Pair<>(device, d, from.stream())));
    }
  }

  /** Once through all devices, each in the form it would be sent in between Handovers. */
  public void play() {
    pairs.forEach(Pair::play);
  }

  /** A device and its like on the other machine. */
  private record Pair<S>(Migratable<S> source, Migratable<?> destination, QemuRelease release) {
    void play() {
      SourceSection<S> from = new SourceSection<>(source, 0, release);
      DestinationSection<?> to = new DestinationSection<>(destination);
      from.iterative(destination.iterativeMigration() != IterativeMigration.OFF);
      from.early().ifPresentOrElse(early -> early(early, from, to), () -> classic(from, to));
      to.commit();
      destination.abort();
    }

    private static void early(
        SourceMessage.Early early, SourceSection<?> from, DestinationSection<?> to) {
      await(to.early((SourceMessage.Early) early.received()));
      to.complete((SourceMessage.Final) from.complete().received());
    }

    private static void classic(SourceSection<?> from, DestinationSection<?> to) {
      WireWriter out = new WireWriter();
      var unusedDescription = from.saveClassic(out);
      WireReader in = new WireReader(out.toByteArray());
      SectionHeader header = SectionHeader.read(in.u8(), in);
      to.classic(in, header.version());
      header.readFooter(in);
    }

    private static void await(Supplier<CompletionStage<Void>> staging) {
      staging.get().toCompletableFuture().orTimeout(STAGING_SECONDS, TimeUnit.SECONDS).join();
    }
  }
}
