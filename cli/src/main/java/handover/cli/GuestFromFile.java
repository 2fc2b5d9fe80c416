package handover.cli;

import handover.machine.VirtualMachine;
import handover.migration.MigrationListener;
import handover.migration.MigrationStatus;
import java.time.Instant;

/**
 * A machine whose guest is in the file it was started with. Nothing else will come if that cannot
 * be loaded, so the machine ends then, as QEMU does; one that waits for a source waits on.
 */
final class GuestFromFile implements MigrationListener {
  private final VirtualMachine machine;
  private boolean decided;
  private boolean failed;

  GuestFromFile(VirtualMachine machine) {
    this.machine = machine;
  }

  @Override
  public synchronized void statusChanged(MigrationStatus status, Instant when) {
    if (!decided && (status == MigrationStatus.COMPLETED || status == MigrationStatus.FAILED)) {
      decided = true;
      failed = status == MigrationStatus.FAILED;
      if (failed) {
        // Not on this thread, which the machine's end waits for.
        Thread.ofVirtual().name("nothing-arrived").start(machine::quit);
      }
    }
  }

  @Override
  public void passFinished(long pass, Instant when) {}

  /** Whether it could not be loaded. */
  synchronized boolean failed() {
    return failed;
  }
}
