package handover.devices.virtio;

import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;

/** Saved forms of a device's state, for tests of any device. */
public final class Saving {
  private Saving() {}

  /** The classic form of the device as it is. */
  public static <S extends VirtioState> byte[] classic(VirtioDevice<S> device) {
    return classic(device.declaration(), device.snapshot());
  }

  /** The classic form of a state. */
  public static <S extends VirtioState> byte[] classic(StateDeclaration<S> declaration, S state) {
    WireWriter out = new WireWriter();
    declaration.classic().orElseThrow().save(state, out);
    return out.toByteArray();
  }

  /** A state of {@code device}'s kind from the classic form. */
  public static <S extends VirtioState> S fromClassic(VirtioDevice<S> device, byte[] section) {
    S state = device.blank();
    WireReader in = new WireReader(section);
    device.declaration().classic().orElseThrow().load(state, in, device.declaration().version());
    if (in.position() != section.length) {
      throw in.malformed("the section's end", "bytes left over");
    }
    return state;
  }

  /** A state of {@code to}'s kind that went through every group's iterative form. */
  public static <S extends VirtioState> S throughGroups(VirtioDevice<S> from, VirtioDevice<S> to) {
    S saved = from.snapshot();
    S loaded = to.blank();
    for (StateDeclaration.Group<S> group : from.declaration().groups()) {
      GroupForm.decode(group, loaded, GroupForm.encode(group, saved));
    }
    return loaded;
  }
}
