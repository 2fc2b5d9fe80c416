package handover.devices.virtio.net;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The received frames of a device that may be on its way to another host: which of them are the
 * guest's, and in what order.
 *
 * <p>Two queues: frames carried from the source, and those that came by our own wire. While the
 * carried ones are still coming, our own wait behind them. Switches flood group-addressed frames to
 * both hosts; of those that came between our taking over and the moment the source saw our
 * announcement, both hosts have a copy: they are the last the source forwards and the first we
 * received, so the longest such overlap is left out here.
 *
 * <p>Any thread may call; one at a time takes frames out.
 */
final class CarriedFrames {
  private static final int REMEMBERED_GROUP_FRAMES = 64;

  /** Where the guest is, as seen from this device. */
  private enum Stage {
    /** Here, or nowhere: all frames are its own. */
    HERE,
    /** On its way from here: frames wait to be forwarded. */
    LEAVING,
    /** Elsewhere: frames are not for us. */
    GONE,
    /** Still on the source. */
    COMING,
    /** Just arrived: carried frames first. */
    ARRIVING
  }

  private final PendingFrames own = new PendingFrames();
  private final ArrayDeque<byte[]> carriedGroups = new ArrayDeque<>();
  private PendingFrames carried = own;
  private volatile Stage stage = Stage.HERE;
  private volatile Runnable news = CarriedFrames::nobody;

  /**
   * A frame from our own wire; false if it is not to be kept.
   *
   * @param wanted whether there is a driver that wants frames
   */
  boolean offer(byte[] frame, int offset, int length, boolean wanted, NetControl control) {
    if (stage == Stage.LEAVING && Announcement.isOf(control.mac, frame, offset, length)) {
      stage = Stage.GONE;
      return true;
    }
    if (!wanted) {
      return false;
    }
    return switch (stage) {
      case HERE, LEAVING -> own.offer(frame, offset, length);
      case GONE, COMING -> false;
      case ARRIVING -> {
        boolean kept = own.offer(frame, offset, length);
        if (!kept) {
          // Out of order is better than lost.
          endCarrying();
          kept = own.offer(frame, offset, length);
        }
        yield kept;
      }
    };
  }

  /** The queue whose frames are next for the guest. */
  synchronized PendingFrames next() {
    if (carried != own && carried.count() == 0 && stage == Stage.HERE) {
      carried = own;
    }
    return carried;
  }

  /** Whether frames are waiting to be forwarded, so that whoever does it should be told. */
  void arrived() {
    news.run();
  }

  void clear() {
    own.clear();
    synchronized (this) {
      if (carried != own) {
        carried.clear();
      }
    }
  }

  // ---- On the source.

  synchronized void beginForwarding(Runnable listener) {
    endCarrying();
    if (carried != own) {
      own.prepend(carried.drain(Integer.MAX_VALUE));
      carried = own;
    }
    news = listener;
    stage = Stage.LEAVING;
  }

  List<byte[]> take(int mostBytes) {
    return own.drain(mostBytes);
  }

  boolean departed() {
    return stage != Stage.LEAVING;
  }

  void endForwarding() {
    stage = Stage.GONE;
    news = CarriedFrames::nobody;
    own.clear();
  }

  void returned(List<byte[]> frames) {
    own.prepend(frames);
    stage = Stage.HERE;
    news = CarriedFrames::nobody;
  }

  /** The guest runs here, whatever was believed before. */
  void resumed() {
    if (stage == Stage.LEAVING || stage == Stage.GONE) {
      stage = Stage.HERE;
      news = CarriedFrames::nobody;
    }
  }

  // ---- On the destination.

  synchronized void expect() {
    stage = Stage.COMING;
    carriedGroups.clear();
    carried = new PendingFrames();
  }

  synchronized void takeOver() {
    if (stage == Stage.COMING) {
      own.clear();
      stage = Stage.ARRIVING;
    }
  }

  synchronized boolean add(byte[] frame) {
    if (carried == own || !carried.offer(frame, 0, frame.length)) {
      return carried == own && own.offer(frame, 0, frame.length);
    }
    if (group(frame)) {
      carriedGroups.add(frame);
      if (carriedGroups.size() > REMEMBERED_GROUP_FRAMES) {
        carriedGroups.remove();
      }
    }
    return true;
  }

  synchronized void endCarrying() {
    if (stage == Stage.ARRIVING) {
      leaveOutCopies();
    }
    if (stage == Stage.ARRIVING || stage == Stage.COMING) {
      stage = Stage.HERE;
    }
    carriedGroups.clear();
  }

  private void leaveOutCopies() {
    List<byte[]> ours = own.copies().stream().filter(CarriedFrames::group).toList();
    List<byte[]> theirs = new ArrayList<>(carriedGroups);
    int copies = Math.min(ours.size(), theirs.size());
    while (!same(theirs.subList(theirs.size() - copies, theirs.size()), ours.subList(0, copies))) {
      copies--;
    }
    own.removeFirst(copies, CarriedFrames::group);
  }

  private static boolean same(List<byte[]> some, List<byte[]> others) {
    for (int i = 0; i < some.size(); i++) {
      if (!Arrays.equals(some.get(i), others.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static void nobody() {
    // Nothing is being forwarded.
  }

  private static boolean group(byte[] frame) {
    return (frame[0] & 1) != 0;
  }
}
