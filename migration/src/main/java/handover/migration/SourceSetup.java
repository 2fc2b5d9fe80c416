package handover.migration;

import java.util.Optional;

/** Phase 3: the list of RAM blocks, and the first early state of every iterative device. */
record SourceSetup(SourceSession session) implements SourcePhase {
  @Override
  public Optional<SourcePhase> run() {
    session.ram().sendSetup();
    session.landmark(StreamPart::pages);
    sendEarly(session);
    session.out().flush();
    session.progress().status(MigrationStatus.ACTIVE);
    return Optional.of(new SourcePrecopy(session));
  }

  /** Sends what iterative devices have to say. */
  static void sendEarly(SourceSession session) {
    for (SourceSection<?> section : session.sections()) {
      section
          .early()
          .ifPresent(
              early -> {
                int bytes = early.write(session.out());
                session
                    .progress()
                    .device(
                        section.index(),
                        d -> {
                          d.early(bytes);
                          if (early.restart()) {
                            d.restarted();
                          }
                        });
              });
    }
  }
}
