package handover.devices.virtio;

/** Serves one chain. */
@FunctionalInterface
public interface ChainHandler {
  /** Returns how many bytes were written into the chain. */
  int handle(DescriptorChain chain);
}
