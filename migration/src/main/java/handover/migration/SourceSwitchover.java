package handover.migration;

import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Phase 5: stops the guest and sends what is left: the last pages, then every device. */
record SourceSwitchover(SourceSession session) implements SourcePhase {
  private static final int WORTH_SENDING = 1 << 10;

  @Override
  public Optional<SourcePhase> run() {
    session.checkpoint();
    session.endRehearsal();
    session.progress().hush();
    session.progress().status(MigrationStatus.DEVICE);
    session.rightOfWay().take();
    if (session.peer() == SourceSession.Peer.HANDOVER) {
      session.command(StreamFormat.COMMAND_SWITCHOVER_START);
      session.limberUp();
    }
    session.stopGuest();
    session.collect();
    session.timeline().mark("dirty log");
    session.ram().sendEnd();
    session.out().flush();
    session.report(0, 0, 0);
    session.timeline().mark("last pages");
    session.checkpoint();
    sendDigests();
    session.timeline().mark("digests");
    List<Consumer<VmDescription>> descriptions = new ArrayList<>();
    for (SourceSection<?> section : session.sections()) {
      session.landmark(offer -> StreamPart.section(offer, section.label()));
      send(section, descriptions::add);
    }
    session.landmark(StreamPart::end);
    if (session.peer() != SourceSession.Peer.HANDOVER) {
      session.out().flush(); // Elsewhere the end mark goes with it.
    }
    session.timeline().mark("save");
    return Optional.of(new SourceCommit(session, descriptions));
  }

  private void sendDigests() {
    if (session.peer() == SourceSession.Peer.HANDOVER
        && session.settings().enabled(Capability.X_VERIFY_RAM)) {
      new SourceMessage.RamDigests(
              session.machine().ramBlocks().stream().map(RamFormat::digest).toList())
          .write(session.out());
    }
  }

  private void send(SourceSection<?> section, Consumer<Consumer<VmDescription>> descriptions) {
    long began = System.nanoTime();
    int acknowledged =
        session.returnPath().map(path -> path.acknowledged(section.index())).orElse(0);
    int bytes;
    long saved;
    if (section.staged(acknowledged)) {
      SourceMessage.Final last = section.complete();
      saved = System.nanoTime();
      bytes = last.write(session.out());
    } else {
      WireWriter classic = new WireWriter();
      descriptions.accept(section.saveClassic(classic));
      saved = System.nanoTime();
      session.out().append(classic);
      bytes = classic.length();
    }
    if (bytes >= WORTH_SENDING) {
      session.out().flush(); // The destination loads it while the rest is saved.
    }
    long saving = saved - began;
    long sending = System.nanoTime() - saved;
    session.progress().device(section.index(), d -> d.saved(bytes, saving, sending));
  }
}
