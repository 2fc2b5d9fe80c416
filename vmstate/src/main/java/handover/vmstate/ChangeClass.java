package handover.vmstate;

/** How a group of state fields changes while a guest runs, and so when migration sends it. */
public enum ChangeClass {
  /** Fixed for the device's life; compared in the offer, never sent as state. */
  LIFE,
  /** Fixed from driver set-up until a reset; sent early, voided by a reset. */
  EPOCH,
  /** Changed by control commands; sent early and again when changed. */
  CONTROL,
  /** Changed rarely by guest writes; sent early and again when changed. */
  SLOW,
  /** Changed by every request or packet; sent only when the guest has stopped. */
  HOT
}
