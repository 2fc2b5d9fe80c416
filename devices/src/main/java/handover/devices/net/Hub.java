package handover.devices.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Repeats every frame to all other ports of the same process ({@code -netdev hubport}). */
final class Hub {
  private final int number;
  private final List<Port> ports = new CopyOnWriteArrayList<>();

  Hub(int number) {
    this.number = number;
  }

  Netdev newPort(String id) {
    Port port = new Port(id);
    ports.add(port);
    return port;
  }

  private final class Port implements Netdev {
    private final String id;
    private final FrameCounters counters = new FrameCounters();
    private volatile FrameSink sink = (frame, offset, length) -> false;

    Port(String id) {
      this.id = id;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public String kind() {
      return "hubport";
    }

    @Override
    public void attach(FrameSink device) {
      sink = new CountingSink(device, counters);
    }

    @Override
    public boolean send(byte[] frame, int offset, int length) {
      for (Port port : ports) {
        if (port != this) {
          port.sink.deliver(frame, offset, length);
        }
      }
      return counters.sent(true, length);
    }

    @Override
    public void flush() {
      for (Port port : ports) {
        if (port != this) {
          port.sink.endOfBatch();
        }
      }
    }

    @Override
    public FrameCounts counts() {
      return counters.counts();
    }

    @Override
    public String describe() {
      return "%s: type=hubport,hubid=%d,%d ports".formatted(id, number, ports.size());
    }

    @Override
    public void close() {
      ports.remove(this);
    }
  }
}
