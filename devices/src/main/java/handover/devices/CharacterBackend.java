package handover.devices;

/**
 * The far end of a serial line. Bytes from outside wait in the back end until the UART has room and
 * fetches them; bytes from the guest are taken at once.
 *
 * <p>No call blocks. The UART calls with its own lock held, so a back end must not call {@link
 * #onInput}'s listener while holding a lock that {@link #read} or {@link #write} take.
 */
public interface CharacterBackend extends AutoCloseable {
  /** A line that nobody is at. */
  static CharacterBackend none() {
    return new NoCharacterBackend();
  }

  /** What this is, for people: {@code unix:/tmp/serial.sock}. */
  String description();

  /** Sets who is told, on any thread, that bytes may be waiting. */
  void onInput(Runnable listener);

  /** The next byte from outside, 0 to 255; -1 when none waits. */
  int read();

  /** Takes a byte (low 8 bits) from the guest. When the reader is too slow, the oldest are lost. */
  void write(int value);

  /** Sends what was written, as far as the reader takes it, and lets go of the far end. */
  @Override
  void close();
}
