package handover.migration;

import handover.vmstate.BackEndBudget;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A migration at one moment: what {@code query-migrate} shows. Times are microseconds.
 *
 * @param status where it stands
 * @param error why it failed, in words; the same on both sides
 * @param totalTime since it began (or in all, once ended)
 * @param setupTime until RAM began to flow
 * @param downtime guest stopped to guest started; measured with the return path, else absent
 * @param expectedDowntime estimate of the next switchover
 * @param blackout source stop to destination start, as the source learns it from {@code started}
 * @param ram memory statistics
 * @param devices per device, in section order
 * @param timings where the time went while the guest stood still
 */
public record MigrationInfo(
    MigrationStatus status,
    Optional<String> error,
    long totalTime,
    long setupTime,
    OptionalLong downtime,
    OptionalLong expectedDowntime,
    OptionalLong blackout,
    Ram ram,
    List<Device> devices,
    Timings timings) {

  /**
   * RAM statistics, in bytes unless named otherwise.
   *
   * @param transferred bytes on the wire
   * @param remaining bytes still dirty
   * @param total guest memory
   * @param duplicate zero pages sent
   * @param normal full pages sent
   * @param rounds bitmap synchronisations ("dirty-sync-count")
   * @param dirtyPagesRate pages dirtied per second
   * @param bytesPerSecond current rate
   */
  public record Ram(
      long transferred,
      long remaining,
      long total,
      long duplicate,
      long normal,
      long rounds,
      long dirtyPagesRate,
      long bytesPerSecond) {}

  /**
   * One section's share. Times in microseconds, 0 where this side did not do it.
   *
   * @param id section name, with {@code #n} when the instance id is not 0
   * @param iterative whether state went early
   * @param earlyBytes sent while the guest ran
   * @param finalBytes sent while it was stopped
   * @param resends early states after the first
   * @param epochs resets that voided what had been sent early
   * @param save snapshot and encoding while stopped
   * @param send putting it on its way while stopped
   * @param load decoding, digest and commit while stopped
   * @param commit the commit's share of {@code load}
   * @param backEnd what setting up the back end cost at the destination, if there was one
   */
  public record Device(
      String id,
      boolean iterative,
      long earlyBytes,
      long finalBytes,
      int resends,
      int epochs,
      long save,
      long send,
      long load,
      long commit,
      Optional<BackEndBudget> backEnd) {}

  /**
   * Where the time went while the guest stood still, on both sides once it runs again.
   *
   * @param spans phases, each side's in order; the sides overlap
   * @param jvm what fell into that time, per side
   * @param carriedFrames frames that followed the guest
   * @param destinationDowntime from the word that the guest stops, as heard there, to its start
   */
  public record Timings(
      List<Span> spans, List<Jvm> jvm, long carriedFrames, OptionalLong destinationDowntime) {
    /** Nothing measured yet. */
    public static final Timings NONE = new Timings(List.of(), List.of(), 0, OptionalLong.empty());
  }

  /**
   * A phase of one side, microseconds from the stop on the source (on the destination, until it is
   * over: from hearing of it).
   *
   * @param side {@code source} or {@code destination}
   */
  public record Span(String side, String phase, long start, long length) {}

  /**
   * What a side's Java virtual machine did meanwhile.
   *
   * @param collections garbage collections
   * @param collectionTime microseconds they took, to the millisecond
   * @param classesLoaded classes loaded
   */
  public record Jvm(String side, long collections, long collectionTime, long classesLoaded) {}
}
