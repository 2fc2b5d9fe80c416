package handover.machine;

import handover.devices.PropertyValues;

/**
 * A device as monitors see it.
 *
 * @param id the {@code id=} it was given, or its path's last part
 * @param driver such as {@code virtio-net-device}
 * @param path QOM-like path: {@code /machine/peripheral/ID}, or {@code
 *     /machine/peripheral-anon/...}
 * @param sectionName the migration section it owns; empty if none of its own
 * @param properties its declared properties
 * @param bus the bus it sits on, by the last part of its path; empty for none
 */
public record DeviceNode(
    String id,
    String driver,
    String path,
    String sectionName,
    PropertyValues properties,
    String bus) {}
