package handover.vmstate;

import java.util.List;

/**
 * What a device on a network may offer beside {@link Migratable}: frames that reach the source
 * after its guest has stopped go to the destination over the migration channel.
 *
 * <p>Order of calls on the source, whose guest has stopped: {@link #beginForwarding}, then {@link
 * #takeFrames} again and again until {@link #departed}, then {@link #endForwarding}; or {@link
 * #returnFrames} if the guest stays. On the destination: {@link #expectFrames} before the commit,
 * {@link #takeOver} before the guest starts, {@link #carriedFrame} for each, {@link #endCarrying}.
 *
 * <p>The network itself marks the border between what the source must forward and what is the
 * destination's: the announcement that the destination sends after {@link #takeOver} passes every
 * switch at one moment and so comes to the source behind the last frame that is its to forward.
 */
public interface CarriesFrames {
  /**
   * From now on watches for the announcement of the guest somewhere else.
   *
   * @param news called, on any thread, when there may be something to take or the device departed;
   *     must return quickly
   */
  void beginForwarding(Runnable news);

  /** Takes the oldest waiting frames out, at most about {@code mostBytes} of them, in order. */
  List<byte[]> takeFrames(int mostBytes);

  /** Whether the network has been seen to send the guest's frames elsewhere. */
  boolean departed();

  /** Forwarding is over: frames that come now are the destination's. */
  void endForwarding();

  /** The guest stays after all: these frames are its next, before any that came later. */
  void returnFrames(List<byte[]> frames);

  /**
   * The source still gets the guest's frames: those that come here would be copies. Makes room for
   * what will be carried, so that the guest does not wait for that.
   */
  void expectFrames();

  /** Frames that come here now are the guest's, but wait behind those that are carried. */
  void takeOver();

  /**
   * One frame from the source, next in order.
   *
   * @return false if there is no room just now; try again
   */
  boolean carriedFrame(byte[] frame);

  /** No more are carried: what came here since {@link #takeOver} follows, copies left out. */
  void endCarrying();
}
