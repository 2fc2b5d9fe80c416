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
import java.util.stream.Collectors;

/**
 * Phase 2: header, configuration, return path; then finds out whether the other side is a Handover,
 * and if so agrees with it on everything. Nothing of the guest has moved when this ends.
 */
record SourceAgree(SourceSession session) implements SourcePhase {
  private static final System.Logger LOG = System.getLogger(SourceAgree.class.getName());

  @Override
  public Optional<SourcePhase> run() {
    Offer offer = Offer.of(session.machine(), session.settings());
    sendHeader(offer);
    if (session.twoWay()) {
      session.openReturnPath();
      session.command(StreamFormat.COMMAND_OPEN_RETURN_PATH);
      session.ping(Protocol.request());
      session.out().flush();
      ReturnPath path = session.returnPath().orElseThrow();
      OptionalInt version = Protocol.agreedVersion(path.awaitPong(session.channelTimeout()));
      session.peer(SourceSession.Peer.PLAIN);
      if (version.isPresent()) {
        negotiate(offer, path, version.getAsInt());
      }
    }
    if (session.peer() != SourceSession.Peer.HANDOVER) {
      requireNothingForced(offer);
      requireNoObstacle();
    }
    return Optional.of(new SourceSetup(session));
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

  private void requireNothingForced(Offer offer) {
    if (!forced(offer).isEmpty()) {
      throw new StreamException(
          "%s: iterative-mig=on on the source, unknown to the destination, which is not a Handover"
                  .formatted(
                      forced(offer).stream()
                          .map(Offer.Section::label)
                          .collect(Collectors.joining(", ")))
              + " or has no return path; set iterative-mig=auto or off on the source");
    }
  }
}
