package handover.migration;

import java.util.Optional;

/** A phase of receiving a machine, in the order of the permits clause. */
sealed interface DestinationPhase
    permits DestinationHeader,
        DestinationLoad,
        DestinationCommit,
        DestinationStart,
        DestinationCarry {
  Optional<DestinationPhase> run();
}
