package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/** Moves a device's state through its wire form. */
final class Wire {
  private Wire() {}

  static <S> byte[] save(Migratable<S> device) {
    WireWriter out = new WireWriter();
    device.declaration().save(device.snapshot(), out, QemuRelease.usual());
    return out.toByteArray();
  }

  static <S> void load(Migratable<S> device, byte[] payload) {
    S state = device.blank();
    WireReader in = new WireReader(payload);
    device.declaration().load(state, in, device.declaration().versionIn(QemuRelease.usual()));
    if (in.position() != payload.length) {
      throw new AssertionError("read " + in.position() + " of " + payload.length + " bytes");
    }
    device.commit(state);
  }

  static <S> void move(Migratable<S> from, Migratable<S> to) {
    load(to, save(from));
  }
}
