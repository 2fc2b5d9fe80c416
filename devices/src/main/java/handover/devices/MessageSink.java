package handover.devices;

/**
 * Where a device's message-signalled interrupts go: a 32-bit write to an address the guest chose.
 * Called from any thread and under device locks; must not call back.
 */
@FunctionalInterface
public interface MessageSink {
  /** Delivers {@code data} at {@code address}; a message nobody takes is lost. */
  void send(long address, int data);
}
