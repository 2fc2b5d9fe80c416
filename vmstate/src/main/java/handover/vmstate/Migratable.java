package handover.vmstate;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What anything with state promises to migration. Neither side knows more of the other than this.
 *
 * <p>The saved type {@code S} is a plain mutable value apart from the run-time device, so that a
 * snapshot, a staged copy and the live device can exist at once.
 *
 * <p>Order of calls, classic: source {@link #snapshot}; destination {@link #blank}, then {@link
 * #commit}. Iterative adds, on the destination and while the source's guest runs, any number of
 * {@link #stage} calls before the commit, or {@link #abort}.
 */
public interface Migratable<S> {
  /** The section's id string, such as {@code riscv_sifive_plic}. */
  String sectionName();

  /** Tells sections of one name apart; 0 for the first. */
  default int instanceId() {
    return 0;
  }

  /** The one declaration that save, load, description and delta come from. */
  StateDeclaration<S> declaration();

  /** A consistent copy, taken under the device's own lock; the guest may be running. */
  S snapshot();

  /**
   * A fresh value to load into, with the {@link ChangeClass#LIFE} fields filled from this device.
   */
  S blank();

  /**
   * Takes over {@code state}, whatever was staged before. The guest is stopped and all of its
   * memory has arrived, so indices can be checked against rings now.
   *
   * @throws StreamException if the state cannot be; the device is then unchanged or reset
   */
  void commit(S state);

  /**
   * {@code arrived}, which was just committed, as it is to be saved again without anything having
   * run: what only a live device knows at a snapshot is filled in, all else stays as it came.
   */
  default S savedAgain(S arrived) {
    return arrived;
  }

  /**
   * Why a QEMU of {@code release} could not go on with the state that the device has now, in words;
   * empty if it could. Asked before memory is sent to anything that is not known to be one of us.
   */
  default Optional<String> obstacle(QemuRelease release) {
    return Optional.empty();
  }

  /** What the device's {@code iterative-mig} asks for; OFF for a device that has no such form. */
  default IterativeMigration iterativeMigration() {
    return IterativeMigration.OFF;
  }

  /**
   * A number that changes with every change outside {@link ChangeClass#HOT} groups, so that the
   * engine looks again only when it must. 0 forever is right for a device that is not iterative.
   */
  default long generation() {
    return 0;
  }

  /** A number that changes with every reset; a staged state of another epoch is void. */
  default long epoch() {
    return 0;
  }

  /**
   * Prepares for {@code early}, whose HOT groups are blank: creates queues, configures back ends.
   * Called again when it changed; the device compares with what it last applied. Must not touch
   * guest memory, which has not arrived.
   *
   * <p>Returns soon. What takes long goes on beside it, and the result completes when the device is
   * prepared for this state or for one staged later; it fails with a {@link StreamException} if
   * that cannot be, and is cancelled by {@link #abort}.
   */
  default CompletionStage<Void> stage(S early) {
    return CompletableFuture.completedStage(null);
  }

  /** Undoes every {@link #stage}, whether it is over or not: the migration failed. */
  default void abort() {}

  /** What setting up the device's back end has cost in this migration, if it has one to set up. */
  default Optional<BackEndBudget> backEndBudget() {
    return Optional.empty();
  }
}
