package handover.devices.virtio.backend;

/** The receive modes (virtio 1.2, 5.1.6.5.1), in the order of their commands' numbers. */
public record ReceiveModes(
    boolean promiscuous,
    boolean allMulticast,
    boolean allUnicast,
    boolean noMulticast,
    boolean noUnicast,
    boolean noBroadcast) {
  /** How many modes there are. */
  public static final int COUNT = 6;

  /** The first of the modes that need VIRTIO_NET_F_CTRL_RX_EXTRA. */
  public static final int FIRST_EXTRA = 2;

  /** The modes after a reset. */
  public static final ReceiveModes INITIAL =
      new ReceiveModes(true, false, false, false, false, false);

  /** Whether mode {@code number} is on. */
  public boolean on(int number) {
    return switch (number) {
      case 0 -> promiscuous;
      case 1 -> allMulticast;
      case 2 -> allUnicast;
      case 3 -> noMulticast;
      case 4 -> noUnicast;
      case 5 -> noBroadcast;
      default -> throw new IllegalArgumentException("receive mode " + number);
    };
  }

  /** These modes with number {@code mode} switched. */
  public ReceiveModes with(int mode, boolean on) {
    return new ReceiveModes(
        mode == 0 ? on : promiscuous,
        mode == 1 ? on : allMulticast,
        mode == 2 ? on : allUnicast,
        mode == 3 ? on : noMulticast,
        mode == 4 ? on : noUnicast,
        mode == 5 ? on : noBroadcast);
  }
}
