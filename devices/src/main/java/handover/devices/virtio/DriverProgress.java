package handover.devices.virtio;

import java.util.List;

/**
 * How far a driver has come with a device.
 *
 * @param status the device status field (virtio 1.2, 2.1)
 * @param features those it has accepted
 */
public record DriverProgress(int status, long features) {
  /** The status's bits by the specification's names, lowest first. */
  public List<String> steps() {
    return DeviceStatus.names(status);
  }

  /** Whether it drives the device. */
  public boolean running() {
    return (status & DeviceStatus.DRIVER_OK) != 0;
  }
}
