package handover.migration;

import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import handover.vmstate.WireWriter;
import java.util.Optional;

/** Phase 5: stops the guest and sends what is left: the last pages, then every device. */
record SourceSwitchover(SourceSession session) implements SourcePhase {
  @Override
  public Optional<SourcePhase> run() {
    session.checkpoint();
    session.endRehearsal();
    session.progress().status(MigrationStatus.DEVICE);
    if (session.peer() == SourceSession.Peer.HANDOVER) {
      session.command(StreamFormat.COMMAND_SWITCHOVER_START);
      session.out().flush();
    }
    session.stopGuest();
    session.collect();
    session.ram().sendEnd();
    session.out().flush();
    session.report(0, 0, 0);
    session.checkpoint();
    sendDigests();
    VmDescription description = new VmDescription(RamFormat.PAGE);
    for (SourceSection<?> section : session.sections()) {
      send(section, description);
    }
    session.out().flush();
    return Optional.of(new SourceCommit(session, description));
  }

  private void sendDigests() {
    if (session.peer() == SourceSession.Peer.HANDOVER
        && session.settings().enabled(Capability.X_VERIFY_RAM)) {
      new SourceMessage.RamDigests(
              session.machine().ramBlocks().stream().map(RamFormat::digest).toList())
          .write(session.out());
    }
  }

  private void send(SourceSection<?> section, VmDescription description) {
    long began = System.nanoTime();
    int acknowledged =
        session.returnPath().map(path -> path.acknowledged(section.index())).orElse(0);
    int bytes;
    if (section.staged(acknowledged)) {
      bytes = section.complete().write(session.out());
    } else {
      WireWriter classic = new WireWriter();
      section.saveClassic(classic, description);
      session.out().append(classic);
      bytes = classic.length();
    }
    long nanos = System.nanoTime() - began;
    session.progress().device(section.index(), d -> d.saved(bytes, nanos));
  }
}
