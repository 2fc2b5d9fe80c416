/** Devices and their back ends. They declare their state and never see the migration engine. */
module handover.devices {
  requires transitive handover.memory;
  requires transitive handover.vmstate;

  exports handover.devices;
  exports handover.devices.virtio;
  exports handover.devices.virtio.backend;
  exports handover.devices.virtio.block;
  exports handover.devices.virtio.console;
  exports handover.devices.virtio.entropy;
  exports handover.devices.net;
  exports handover.devices.pci;
  exports handover.devices.virtio.net;
}
