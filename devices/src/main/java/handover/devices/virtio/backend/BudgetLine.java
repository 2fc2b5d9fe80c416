package handover.devices.virtio.backend;

/** What a back end's time is spent on; each is accounted for by itself. */
enum BudgetLine {
  PINNING,
  VQ_CREATION,
  CONTROL,
  STATE_LOAD,
  ENABLE
}
