package handover.migration;

import handover.vmstate.CarriesFrames;
import handover.vmstate.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends frames after the guest: those that wait in stopped devices go right behind the permission,
 * and those that still arrive here follow until the network has been seen to send them elsewhere.
 *
 * <p>Until the destination has said that the guest runs there, copies are kept, so that a guest
 * that stays after all misses nothing.
 */
final class FrameForwarding {
  private static final System.Logger LOG = System.getLogger(FrameForwarding.class.getName());
  private static final int BATCH_BYTES = 256 << 10;
  private static final long MOST_BYTES = 64L << 20;
  private static final long LONGEST_PAUSE_NANOS = 5_000_000;

  /** One device, and where it is in the offer. */
  private static final class Carrier {
    final int section;
    final CarriesFrames device;
    final List<byte[]> unconfirmed = new ArrayList<>();
    boolean ended;

    Carrier(int section, CarriesFrames device) {
      this.section = section;
      this.device = device;
    }
  }

  private final StreamOutput out;
  private final List<Carrier> carriers = new ArrayList<>();
  private boolean confirmed;
  private long frames;
  private long bytes;

  FrameForwarding(StreamOutput out) {
    this.out = out;
  }

  /** Adds the device behind section number {@code section} of the offer. */
  void add(int section, CarriesFrames device) {
    carriers.add(new Carrier(section, device));
  }

  /** Frames forwarded so far. */
  long frames() {
    return frames;
  }

  /** The guest is being given away; {@code worker} will call {@link #finish}. */
  void begin(Thread worker) {
    carriers.forEach(c -> c.device.beginForwarding(() -> LockSupport.unpark(worker)));
  }

  /** The permission is on its way: what waits in the devices goes right behind it. */
  void sendWaiting() {
    long before = frames;
    carriers.forEach(this::send);
    if (frames != before) {
      out.flush();
    }
  }

  /** The destination runs the guest: forwards for at most {@code millis}. */
  void finish(long millis) {
    confirmed = true;
    carriers.forEach(c -> c.unconfirmed.clear());
    long deadline = System.nanoTime() + millis * 1_000_000;
    try {
      while (forward(System.nanoTime() - deadline >= 0 || bytes >= MOST_BYTES)) {
        LockSupport.parkNanos(this, LONGEST_PAUSE_NANOS);
        if (Thread.currentThread().isInterrupted()) {
          throw new MigrationCancelled();
        }
      }
    } catch (StreamException | MigrationCancelled e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the guest has moved, but frames that still came here may be lost: " + e.getMessage());
    } finally {
      carriers.forEach(c -> c.device.endForwarding());
    }
  }

  /** The guest may have to go on here. */
  void takeBack() {
    if (!confirmed) {
      carriers.forEach(c -> c.device.returnFrames(c.unconfirmed));
    }
  }

  /** Sends what there is; whether there can be more. */
  private boolean forward(boolean last) {
    boolean more = false;
    for (Carrier carrier : carriers) {
      if (!carrier.ended) {
        // Asked first: what came before the network's sign is then certainly taken.
        boolean departed = carrier.device.departed();
        send(carrier);
        if (departed || last) {
          end(carrier);
        }
        more |= !carrier.ended;
      }
    }
    out.flush();
    return more;
  }

  private void send(Carrier carrier) {
    List<byte[]> batch = carrier.device.takeFrames(BATCH_BYTES);
    while (!batch.isEmpty() && bytes < MOST_BYTES) {
      // Kept before they are sent: sending may fail.
      if (!confirmed) {
        carrier.unconfirmed.addAll(batch);
      }
      frames += batch.size();
      bytes += new SourceMessage.Frames(carrier.section, false, batch).write(out);
      batch = carrier.device.takeFrames(BATCH_BYTES);
    }
  }

  private void end(Carrier carrier) {
    carrier.ended = true;
    new SourceMessage.Frames(carrier.section, true, List.of()).write(out);
  }
}
