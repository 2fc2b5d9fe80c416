package handover.migration;

import handover.memory.DirtyLog;
import handover.vmstate.Configuration;
import handover.vmstate.StreamException;
import java.util.Map;
import java.util.Optional;

/** Phase 1: the header and the configuration, which must suit this machine. */
record DestinationHeader(DestinationSession session) implements DestinationPhase {
  @Override
  public Optional<DestinationPhase> run() {
    Configuration theirs = Configuration.readHeader(session.reader());
    String machine = session.machine().machineType();
    if (!theirs.machine().equals(machine)) {
      throw new StreamException(
          "machine '%s' on the source, '%s' here; start both with the same -M"
              .formatted(theirs.machine(), machine));
    }
    for (String capability : theirs.capabilities()) {
      if (!capability.equals(Capability.VIRTIO_ITERATIVE.wireName())) {
        throw new StreamException(
            "the source has capability %s on, which is unknown here; switch it off there"
                .formatted(capability));
      }
    }
    if (theirs.pageBits().orElse(DirtyLog.PAGE_SHIFT) != DirtyLog.PAGE_SHIFT) {
      throw new StreamException(
          "pages of 2^%d bytes on the source, 2^%d here"
              .formatted(theirs.pageBits().getAsInt(), DirtyLog.PAGE_SHIFT));
    }
    uuid(theirs, session.machine().agreementProperties());
    return Optional.of(new DestinationLoad(session));
  }

  private static void uuid(Configuration theirs, Map<String, String> ours) {
    String wanted = theirs.uuid().map(Object::toString).orElse("");
    String here = ours.getOrDefault("uuid", wanted);
    if (!wanted.isEmpty() && !wanted.equals(here)) {
      throw new StreamException(
          "uuid %s on the source, %s here; start the destination with the source's -uuid"
              .formatted(wanted, here));
    }
  }
}
