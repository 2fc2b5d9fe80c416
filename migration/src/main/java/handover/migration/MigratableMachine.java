package handover.migration;

import handover.memory.RamBlock;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What the engine needs of a machine. The machine calls the engine's threads nothing else.
 *
 * <p>"Stopped" means: harts parked, devices quiet, guest time standing still.
 */
public interface MigratableMachine {
  /** The CONFIGURATION section's machine name: always {@code virt} for our board. */
  String machineType();

  /** Our own machine version, such as {@code virt-1.0}; travels in the offer only. */
  String machineVersion();

  /** Whose stream is written; every one is read. */
  default QemuRelease stream() {
    return QemuRelease.usual();
  }

  /** RAM blocks in stream order; each has a dirty log. */
  List<RamBlock> ramBlocks();

  /**
   * RAM blocks that some releases of QEMU have and others do not: taken when they come, not missed
   * when they do not. Some may be among {@link #ramBlocks}.
   */
  default List<RamBlock> optionalRamBlocks() {
    return List.of();
  }

  /**
   * Everything with state, in the order the sections are written. What {@link #stream} has no
   * section for is not written.
   */
  List<Migratable<?>> sections();

  /**
   * What must agree before anything moves, beyond RAM blocks and sections: path → value, such as
   * {@code cpu.isa}, {@code smp}, {@code virtio-mmio@0000000010008000/virtio-net.mac}.
   */
  Map<String, String> agreementProperties();

  /** Whether guest instructions are being executed. */
  boolean running();

  /** Stops the guest for switchover; returns when stopped. */
  void stopForMigration();

  /**
   * Tells whoever listens to the machine that the guest was stopped for switchover, if they have
   * not heard: telling takes time, of which there is enough when the guest runs elsewhere.
   */
  default void tellStopped() {}

  /** The migration failed or was cancelled before the commit: runs the guest again if it ran. */
  void resumeAfterFailure();

  /** The guest now belongs to the destination; it can only run here after an explicit cont. */
  void handedOver();

  /**
   * On the destination, after every section was committed: runs the guest if it ran on the source
   * and start-up did not ask to stay paused. Nobody is told before {@link #tellStarted}.
   *
   * @return nanoseconds of {@link System#nanoTime} at which the first hart was released
   */
  long startAfterMigration();

  /** Tells whoever listens to the machine that the guest runs, if they have not heard. */
  default void tellStarted() {}

  /** Starts or stops recording dirty pages in every RAM block; callable while running. */
  void recordDirtyPages(boolean on);

  /**
   * Moves the dirty bits of {@code ramBlocks().get(i)} into {@code into[i]} and arms recording
   * again: briefly brings the harts to a boundary so that none holds write permission to a page
   * whose bit was taken.
   *
   * @return pages newly dirty over all blocks
   */
  long collectDirtyPages(long[][] into);

  /**
   * Moves a small likeness of the machine, in which no guest runs, back and forth within this
   * process until {@code enough}, which is asked before each. Takes the time it needs, on a thread
   * of its own, while the machine does whatever it does. A machine that cannot do it does nothing.
   */
  default void rehearseMoves(BooleanSupplier enough) {}

  /**
   * Where the guest is hot, in a form that {@link #warmUp} understands; empty if it is not known.
   */
  default byte[] hotCode() {
    return new byte[0];
  }

  /**
   * On the destination, while the guest's memory is still arriving: gets ready to execute what is
   * hot. Takes the time it needs, on a thread of its own, until {@code enough}.
   *
   * @param hotCode what the source said; not to be trusted
   * @throws handover.vmstate.StreamException if it cannot be true
   */
  default void warmUp(byte[] hotCode, BooleanSupplier enough) {}

  /** Announces the guest's addresses on its networks (RARP, and the guest's own announce). */
  void announceSelf();
}
