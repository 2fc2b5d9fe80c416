package handover.devices.virtio;

/** Saved state of one virtqueue. What is mutable here is only written by loading. */
final class QueueState {
  final int defaultSize;
  QueueLayout layout;
  int lastAvailable;

  QueueState(int defaultSize) {
    this.defaultSize = defaultSize;
    this.layout = QueueLayout.initial(defaultSize);
  }
}
