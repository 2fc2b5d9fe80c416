package handover.diagnosis.check;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a machine says of itself over QMP. What its server cannot tell is empty, and not compared.
 *
 * @param name "QEMU 7.2.22" or the like
 * @param version major and minor of it
 * @param architecture instruction set
 * @param status run state
 * @param uuid of the guest
 * @param machine machine type
 * @param machineProperties the machine's own properties
 * @param cpuType kind of CPU
 * @param cpus how many
 * @param memory guest memory in bytes, as {@code -m} has it
 * @param hypervisor whether KVM executes the guest; if not, its harts are translated (TCG)
 * @param cpuProperties of the first CPU
 * @param ramBlocks name → used size
 * @param devices by where they sit, which is what migration knows them by
 * @param pci PCI functions by address: what their configuration space fixes
 * @param netdevs id → kind
 * @param capabilities migration capabilities
 * @param parameters migration parameters
 * @param blockedReasons why it cannot be migrated just now
 */
public record MachineFacts(
    String name,
    String version,
    String architecture,
    String status,
    String uuid,
    Optional<String> machine,
    Map<String, String> machineProperties,
    Optional<String> cpuType,
    int cpus,
    OptionalLong memory,
    Optional<Boolean> hypervisor,
    Map<String, String> cpuProperties,
    Map<String, Long> ramBlocks,
    Map<String, Device> devices,
    Map<String, Map<String, String>> pci,
    Map<String, String> netdevs,
    Map<String, Boolean> capabilities,
    Map<String, String> parameters,
    List<String> blockedReasons) {

  /** How the name of a machine of this program begins. */
  static final String HANDOVER = "Handover";

  /**
   * A device.
   *
   * @param place bus and address, or kind and number for what sits on the board
   * @param path in the object tree
   * @param type QEMU's driver
   * @param properties those with plain values
   * @param onBoard whether the board brought it
   * @param agreed properties that a Handover compares before anything moves
   * @param negotiated virtio features the guest's driver uses, by the names of their properties, if
   *     it runs and its machine tells
   */
  public record Device(
      String place,
      String path,
      String type,
      Map<String, String> properties,
      boolean onBoard,
      Set<String> agreed,
      Optional<Set<String>> negotiated) {

    /** The kind of virtio device, such as {@code virtio-net}, if it is one. */
    public Optional<String> virtio() {
      return virtio(type);
    }

    static Optional<String> virtio(String type) {
      return type.startsWith("virtio-") || type.startsWith("vhost-")
          ? Optional.of(type.replaceAll("-(pci|device)(-transitional|-non-transitional)?$", ""))
          : Optional.empty();
    }
  }

  /** Whether a migration capability is on. */
  public boolean has(String capability) {
    return capabilities.getOrDefault(capability, false);
  }

  /**
   * Whether it learns, as a source, that its destination has failed: a QEMU does with a return path
   * only, which postcopy opens by itself.
   */
  boolean hearsOfFailure() {
    return handover() || has("return-path") || has("postcopy-ram");
  }

  /** Whether this is a machine of this program. */
  public boolean handover() {
    return name.startsWith(HANDOVER);
  }

  /** The same machine once these are set. */
  public MachineFacts with(Map<String, Boolean> otherCapabilities, Map<String, String> others) {
    Map<String, Boolean> states = new LinkedHashMap<>(capabilities);
    states.putAll(otherCapabilities);
    Map<String, String> values = new LinkedHashMap<>(parameters);
    values.putAll(others);
    return new MachineFacts(
        name,
        version,
        architecture,
        status,
        uuid,
        machine,
        machineProperties,
        cpuType,
        cpus,
        memory,
        hypervisor,
        cpuProperties,
        ramBlocks,
        devices,
        pci,
        netdevs,
        states,
        values,
        blockedReasons);
  }
}
