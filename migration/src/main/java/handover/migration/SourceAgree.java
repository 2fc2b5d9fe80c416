package handover.migration;

import handover.vmstate.Configuration;
import handover.vmstate.IterativeMigration;
import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.WireWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Phase 2: header, configuration, return path; then finds out whether the other side is a Handover,
 * and if so agrees with it on everything. Nothing of the guest has moved when this ends.
 */
record SourceAgree(SourceSession session) implements SourcePhase {
  private static final System.Logger LOG = System.getLogger(SourceAgree.class.getName());

  @Override
  public Optional<SourcePhase> run() {
    Offer offer = Offer.of(session.machine(), session.settings());
    if (!session.twoWay()) {
      requireNothingForced(offer, unasked());
    }
    sendHeader(offer);
    if (session.twoWay()) {
      session.openReturnPath(offer);
      session.command(StreamFormat.COMMAND_OPEN_RETURN_PATH);
      session.landmark(Protocol.request(), StreamPart::blocks);
      session.out().flush();
      introduce(offer, session.returnPath().orElseThrow());
    }
    if (session.peer() != SourceSession.Peer.HANDOVER) {
      requireNoObstacle();
    }
    return Optional.of(new SourceSetup(session));
  }

  private String unasked() {
    return session.settings().enabled(Capability.RETURN_PATH)
        ? "unknown (a file cannot be asked)"
        : "unknown (capability %s is off)".formatted(Capability.RETURN_PATH.wireName());
  }

  private void introduce(Offer offer, ReturnPath path) {
    OptionalInt version = Protocol.agreedVersion(awaitPong(offer, path));
    session.peer(SourceSession.Peer.PLAIN);
    if (version.isPresent()) {
      negotiate(offer, path, version.getAsInt());
    } else {
      requireNothingForced(offer, "absent (not a Handover)");
      LOG.log(System.Logger.Level.INFO, "all devices go classic: the destination is no Handover");
    }
  }

  /** A QEMU ends at the header, which lists a capability it does not know where one is forced. */
  private int awaitPong(Offer offer, ReturnPath path) {
    try {
      return path.awaitPong(session.channelTimeout());
    } catch (StreamException e) {
      requireNothingForced(offer, "refused (%s)".formatted(e.getMessage()));
      throw e;
    }
  }

  private void sendHeader(Offer offer) {
    List<String> capabilities =
        forced(offer).isEmpty() ? List.of() : List.of(Capability.VIRTIO_ITERATIVE.wireName());
    Configuration usual = Configuration.of(offer.machineType());
    WireWriter out = new WireWriter();
    new Configuration(usual.machine(), capabilities, usual.pageBits(), usual.uuid())
        .writeHeader(out);
    session.out().append(out);
  }

  private void negotiate(Offer offer, ReturnPath path, int version) {
    if (version != Protocol.VERSION) {
      throw new StreamException(
          "the destination speaks protocol version %d, we speak %d; update the older Handover"
              .formatted(version, Protocol.VERSION));
    }
    session.peer(SourceSession.Peer.HANDOVER);
    new SourceMessage.OfferMade(offer).write(session.out());
    session.out().flush();
    Agreement agreement = path.awaitAnswer(session.channelTimeout());
    if (!agreement.accepted()) {
      throw new StreamException(agreement.inWords());
    }
    if (agreement.iterative().size() != session.sections().size()) {
      throw new StreamException(
          "the destination's answer is about %d sections, the offer had %d"
              .formatted(agreement.iterative().size(), session.sections().size()));
    }
    agreement.downgrades().forEach(d -> LOG.log(System.Logger.Level.INFO, d));
    session.sections().forEach(s -> s.iterative(agreement.iterative().get(s.index())));
    session.carryFrames(agreement.carryFrames());
  }

  private void requireNoObstacle() {
    QemuRelease release = session.machine().stream();
    List<String> obstacles =
        session.machine().sections().stream()
            .flatMap(device -> device.obstacle(release).stream())
            .toList();
    if (!obstacles.isEmpty()) {
      throw new StreamException(
          "a guest in this state cannot go on in %s; nothing was moved:\n  %s"
              .formatted(release.wireName(), String.join("\n  ", obstacles)));
    }
  }

  private static List<Offer.Section> forced(Offer offer) {
    return offer.sections().stream().filter(s -> s.iterative() == IterativeMigration.ON).toList();
  }

  /**
   * Refuses what was forced and cannot be.
   *
   * @param there what the other side has in the property's place
   */
  private static void requireNothingForced(Offer offer, String there) {
    List<Difference> all =
        forced(offer).stream()
            .map(
                s ->
                    new Difference(
                        s.label() + "." + Agreement.MODE,
                        IterativeMigration.ON.wireName(),
                        there,
                        "set %s=auto or off on the source".formatted(Agreement.MODE)))
            .toList();
    if (!all.isEmpty()) {
      throw new StreamException(
          "the destination cannot take early state; nothing was moved and the guest runs on"
              + Agreement.listed(all));
    }
  }
}
