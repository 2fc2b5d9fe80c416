package handover.lab;

/** A stretch of the probe's time that is looked at by itself, such as one move. */
public interface ProbeWindow extends AutoCloseable {
  /** What was seen so far; complete once the grace period after {@link #close} has passed. */
  ProbeReport report();

  /** Ends the window. Answers to its probes still count when they come later. */
  @Override
  void close();
}
