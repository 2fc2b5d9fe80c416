/**
 * Guests to run: the embedded bare-metal one, and a Debian kernel with a small root file system.
 */
module handover.guest {
  exports handover.guest;
}
