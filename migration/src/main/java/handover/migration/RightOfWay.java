package handover.migration;

import handover.memory.Scheduling;

/**
 * While a guest stands still, the threads it waits for go first: they are woken without delay, and
 * the compilers leave the processors to them. Both only where a move is rehearsed: elsewhere the
 * guest waits for so much that this would make no difference.
 */
final class RightOfWay {
  private final MigrationSettings settings;
  private boolean taken;

  RightOfWay(MigrationSettings settings) {
    this.settings = settings;
  }

  /** The calling thread is one that the guest will wait for. */
  void hurry() {
    if (settings.enabled(Capability.X_REHEARSE)) {
      Scheduling.shortTurns();
    }
  }

  /** The guest is about to stop: the compilers step aside, until {@link #giveBack}. */
  void take() {
    if (settings.enabled(Capability.X_REHEARSE)) {
      taken = true;
      CompilerThreads.stepAside();
    }
  }

  /** The guest runs again, on one side or the other: the compilers may run anywhere again. */
  void giveBack() {
    if (taken) {
      taken = false;
      CompilerThreads.stepBack();
    }
  }
}
