package handover.migration;

import handover.vmstate.CarriesFrames;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Phase 5: the guest runs; frames that went to the source meanwhile are given to it, before those
 * that come here. Nothing that goes wrong now can harm it: at worst frames are lost.
 */
record DestinationCarry(DestinationSession session) implements DestinationPhase {
  private static final System.Logger LOG = System.getLogger(DestinationCarry.class.getName());
  private static final long MOST_BYTES = 128L << 20;
  private static final long ROOM_PAUSE_NANOS = 50_000;

  @Override
  public Optional<DestinationPhase> run() {
    Thread watch = Thread.ofVirtual().name("migration-carry").start(this::limit);
    try {
      receive();
    } catch (StreamException e) {
      LOG.log(
          // Of a guest that has ended since, nobody misses them.
          session.machine().running() ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG,
          "the guest has arrived, but frames that went to the source may be lost: "
              + e.getMessage());
    } finally {
      watch.interrupt();
      session.endCarrying();
    }
    return Optional.empty();
  }

  /** The guest must not wait for its own frames because the source has stalled. */
  private void limit() {
    try {
      Thread.sleep(session.settings().value(Parameter.X_CARRY_FRAMES_TIME));
      session.endCarrying();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void receive() {
    WireReader in = session.reader();
    List<CarriesFrames> open = new ArrayList<>(session.carriers());
    long deadline =
        System.nanoTime() + session.settings().value(Parameter.X_CARRY_FRAMES_TIME) * 2_000_000;
    long from = in.position();
    while (!open.isEmpty()) {
      SourceMessage.Frames message = next(in);
      if (in.position() - from > MOST_BYTES) {
        throw in.malformed("at most 128 MiB of frames", "more");
      }
      CarriesFrames device =
          session
              .carrier(session.local(message.section()))
              .orElseThrow(() -> in.malformed("a network device", "section " + message.section()));
      message.frames().forEach(frame -> give(device, frame, deadline));
      if (message.last()) {
        device.endCarrying();
        open.remove(device);
      }
    }
  }

  private static SourceMessage.Frames next(WireReader in) {
    in.enter("carried frames");
    if (in.u8() != StreamFormat.COMMAND || in.u16() != Protocol.PRIVATE || in.u16() != 5) {
      throw in.malformed("a message with frames", "something else");
    }
    return switch (SourceMessage.read(in)) {
      case SourceMessage.Frames m -> m;
      default -> throw in.malformed("a message with frames", "another message");
    };
  }

  /** Waits for room while there is time; then the frame is lost, as on a wire. */
  private static void give(CarriesFrames device, byte[] frame, long deadline) {
    while (!device.carriedFrame(frame) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(ROOM_PAUSE_NANOS);
    }
  }
}
