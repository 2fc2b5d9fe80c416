package handover.monitor;

import handover.devices.PropertyValues;
import java.util.Optional;

/**
 * One device as {@code qom-list} and {@code info qtree} show it.
 *
 * @param id {@code id=}, if given
 * @param driver such as {@code virtio-net-device}
 * @param qomPath where it lives, such as {@code /machine/peripheral/net0}
 * @param properties its values
 */
public record MonitoredDevice(
    Optional<String> id, String driver, String qomPath, PropertyValues properties) {}
