package handover.migration;

import handover.vmstate.CarriesFrames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Two hosts' network devices on a switch that learns from announcements. */
final class FakeNetwork {
  final Device source = new Device();
  final Device destination = new Device();
  private boolean learnt;
  private int sent;

  /** Sends the next frame, numbered, to wherever the switch believes the guest to be. */
  synchronized void send() {
    byte[] frame = new byte[60];
    frame[20] = (byte) (sent >> 8);
    frame[21] = (byte) sent++;
    (learnt ? destination : source).arrives(frame);
  }

  synchronized int sent() {
    return sent;
  }

  /** The destination's announcement passes the switch. */
  synchronized void announce() {
    learnt = true;
    source.announcementSeen();
  }

  /** A device whose guest takes frames at once whenever it may. */
  static final class Device implements CarriesFrames {
    final List<Integer> got = new ArrayList<>();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final Deque<byte[]> behind = new ArrayDeque<>();
    private Runnable news = () -> {};
    private boolean running;
    private boolean departed;
    private boolean expecting;
    private boolean holding;

    synchronized void arrives(byte[] frame) {
      if (!expecting) {
        (holding ? behind : waiting).add(frame);
        serve();
        news.run();
      }
    }

    synchronized void announcementSeen() {
      departed = true;
      news.run();
    }

    synchronized void running(boolean on) {
      running = on;
      serve();
    }

    synchronized List<Integer> got() {
      return List.copyOf(got);
    }

    private void serve() {
      for (; running && !waiting.isEmpty(); waiting.remove()) {
        byte[] frame = waiting.peek();
        got.add((frame[20] & 0xff) << 8 | frame[21] & 0xff);
      }
    }

    @Override
    public synchronized void beginForwarding(Runnable listener) {
      news = listener;
    }

    @Override
    public synchronized List<byte[]> takeFrames(int mostBytes) {
      List<byte[]> taken = new ArrayList<>();
      for (int left = mostBytes; left > 0 && !waiting.isEmpty(); left -= 60) {
        taken.add(waiting.remove());
      }
      return taken;
    }

    @Override
    public synchronized boolean departed() {
      return departed;
    }

    @Override
    public synchronized void endForwarding() {
      news = () -> {};
    }

    @Override
    public synchronized void returnFrames(List<byte[]> frames) {
      frames.reversed().forEach(waiting::addFirst);
      serve();
    }

    @Override
    public synchronized void expectFrames() {
      expecting = true;
    }

    @Override
    public synchronized void takeOver() {
      expecting = false;
      holding = true;
    }

    @Override
    public synchronized boolean carriedFrame(byte[] frame) {
      waiting.add(frame);
      serve();
      return true;
    }

    @Override
    public synchronized void endCarrying() {
      expecting = false;
      holding = false;
      waiting.addAll(behind);
      behind.clear();
      serve();
    }
  }
}
