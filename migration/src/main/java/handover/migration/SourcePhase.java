package handover.migration;

import java.util.Optional;

/**
 * A phase of sending a machine, in the order of the permits clause. Each does its part and names
 * the next; the last names none.
 */
sealed interface SourcePhase
    permits SourceConnect, SourceAgree, SourceSetup, SourcePrecopy, SourceSwitchover, SourceCommit {
  Optional<SourcePhase> run();
}
