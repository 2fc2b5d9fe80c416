package handover.migration;

import handover.vmstate.StreamException;
import java.util.List;
import java.util.Optional;

/** Phase 3: every section is there; devices become what was loaded. */
record DestinationCommit(DestinationSession session) implements DestinationPhase {
  @Override
  public Optional<DestinationPhase> run() {
    List<String> missing =
        session.sections().stream()
            .filter(s -> s.required() && !s.loaded())
            .map(DestinationSection::label)
            .toList();
    if (!session.ram().described() || !missing.isEmpty()) {
      throw new StreamException(
          "the stream ended without %s%s; start the destination with the source's devices"
              .formatted(session.ram().described() ? "" : "memory and ", missing));
    }
    for (int i = 0; i < session.sections().size(); i++) {
      long began = System.nanoTime();
      DestinationSection<?> section = session.sections().get(i);
      if (section.loaded()) {
        section.commit();
      }
      long nanos = System.nanoTime() - began;
      session.progress().device(i, d -> d.committed(nanos));
      session.progress().backEnd(i, section.backEndBudget());
    }
    session.timeline().mark("commit");
    if (session.handover()) {
      session.say(new DestinationMessage.Ready());
    }
    return Optional.of(new DestinationStart(session));
  }
}
