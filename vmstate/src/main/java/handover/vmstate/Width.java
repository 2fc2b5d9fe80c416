package handover.vmstate;

/** How wide a field is on the wire; QEMU changed some between releases. */
public sealed interface Width permits WireType, Width.Changed {
  /** The encoding that {@code release} uses. */
  WireType at(QemuRelease release);

  /** One encoding before {@code since}, another from then on. */
  record Changed(WireType before, QemuRelease since, WireType after) implements Width {
    @Override
    public WireType at(QemuRelease release) {
      return release.isSince(since) ? after : before;
    }
  }
}
