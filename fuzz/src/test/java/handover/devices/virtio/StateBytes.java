package handover.devices.virtio;

import handover.vmstate.GroupForm;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A device's state in both forms: the first byte says 0 for classic, n for the n-th group. */
public final class StateBytes {
  private StateBytes() {}

  /** What the device itself would send. */
  public static <S> Stream<byte[]> seeds(Migratable<S> device) {
    StateDeclaration<S> declaration = device.declaration();
    S state = device.snapshot();
    List<byte[]> seeds = new ArrayList<>();
    WireWriter classic = new WireWriter();
    classic.u8(0);
    declaration.save(state, classic);
    seeds.add(classic.toByteArray());
    for (int i = 0; i < declaration.groups().size(); i++) {
      byte[] group = GroupForm.encode(declaration.groups().get(i), state);
      byte[] seed = new byte[1 + group.length];
      seed[0] = (byte) (i + 1);
      System.arraycopy(group, 0, seed, 1, group.length);
      seeds.add(seed);
    }
    return seeds.stream();
  }

  /** Loads; the reason if it was refused. */
  public static <S> String load(Migratable<S> device, byte[] input) {
    if (input.length == 0) {
      return "";
    }
    StateDeclaration<S> declaration = device.declaration();
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    S state = device.blank();
    try {
      int group = (input[0] & 0xff) % (declaration.groups().size() + 1);
      if (group == 0) {
        declaration.load(state, new WireReader(bytes), declaration.version());
      } else {
        GroupForm.decode(declaration.groups().get(group - 1), state, bytes);
      }
      device.commit(state);
      return "";
    } catch (StreamException e) {
      return e.getMessage();
    }
  }
}
