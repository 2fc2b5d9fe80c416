package handover.devices.virtio;

import handover.vmstate.ChangeClass;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.function.Predicate;

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
    return through(from, to, group -> true);
  }

  /** The same of what is sent while the guest runs: everything outside the HOT groups. */
  public static <S extends VirtioState> S early(VirtioDevice<S> from, VirtioDevice<S> to) {
    return through(from, to, group -> group.changes() != ChangeClass.HOT);
  }

  private static <S extends VirtioState> S through(
      VirtioDevice<S> from, VirtioDevice<S> to, Predicate<StateDeclaration.Group<S>> sent) {
    S saved = from.snapshot();
    S loaded = to.blank();
    for (StateDeclaration.Group<S> group : from.declaration().groups()) {
      if (sent.test(group)) {
        GroupForm.decode(group, loaded, GroupForm.encode(group, saved));
      }
    }
    return loaded;
  }
}
