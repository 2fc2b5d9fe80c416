package handover.lab;

import handover.devices.net.Netdevs;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What serves the guest's network device. */
public enum NetworkBackend {
  /** The monitor itself moves frames between the rings and a socket. */
  USER("user", "stream"),
  /** A simulated vDPA device, whose control plane costs time. */
  VDPA_SIM("vdpa-sim", "vdpa-sim"),
  /** Another process works the rings: DPDK's testpmd, one for each machine. */
  VHOST_USER("vhost-user", "vhost-user");

  private static final String WIRE = "wire0";

  private final String label;
  private final String netdev;

  NetworkBackend(String label, String netdev) {
    this.label = label;
    this.netdev = netdev;
  }

  /** What {@code --backend} calls it. */
  public String label() {
    return label;
  }

  /** Those that this build has. */
  public static List<NetworkBackend> available() {
    return Arrays.stream(values()).filter(b -> Netdevs.kinds().contains(b.netdev)).toList();
  }

  /** Finds one that this build has. */
  public static Optional<NetworkBackend> named(String label) {
    return available().stream().filter(b -> b.label.equals(label)).findFirst();
  }

  /**
   * The options that make a netdev {@code net0}.
   *
   * @param socket path of the switch's socket
   * @param peer path of the machine's {@link DpdkPeer}'s socket, if it needs one
   * @param pairs queue pairs of the device
   */
  List<String> options(String socket, Path peer, int pairs) {
    return switch (this) {
      case USER -> List.of("-netdev", stream("net0", socket));
      case VDPA_SIM ->
          List.of("-netdev", stream(WIRE, socket), "-netdev", "vdpa-sim,id=net0,backend=" + WIRE);
      case VHOST_USER ->
          List.of(
              "-chardev",
              "socket,id=peer0,path=" + peer,
              "-netdev",
              "vhost-user,id=net0,chardev=peer0,queues=" + pairs);
    };
  }

  /** Whether each machine needs a {@link DpdkPeer} of its own. */
  boolean needsPeer() {
    return this == VHOST_USER;
  }

  /** What stands in the way of a device with so many queue pairs. */
  Optional<String> obstacle(int pairs) {
    if (needsPeer() && !DpdkPeer.installed()) {
      return Optional.of("needs DPDK's testpmd: install the package dpdk-dev");
    }
    return needsPeer() && pairs > DpdkPeer.MOST_PAIRS
        ? Optional.of(
            "has at most %d queue pairs, DPDK's limit; --pairs has %d"
                .formatted(DpdkPeer.MOST_PAIRS, pairs))
        : Optional.empty();
  }

  private static String stream(String id, String socket) {
    return "stream,id=%s,addr.type=unix,addr.path=%s".formatted(id, socket);
  }
}
