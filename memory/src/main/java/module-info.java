/** Guest RAM, the dirty log, page scanning. Knows nothing of devices, state or streams. */
module handover.memory {
  exports handover.memory;
}
