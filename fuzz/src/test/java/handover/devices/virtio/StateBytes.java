package handover.devices.virtio;

import handover.vmstate.GroupForm;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A device's state in every form: the first byte says 0 for classic, n for the n-th group, and
 * beyond that what the other releases of QEMU make of it.
 */
public final class StateBytes {
  private StateBytes() {}

  private static final List<QemuRelease> OTHERS =
      Arrays.stream(QemuRelease.values()).filter(r -> r != QemuRelease.usual()).toList();

  /** What the device itself would send. */
  public static <S> Stream<byte[]> seeds(Migratable<S> device) {
    StateDeclaration<S> declaration = device.declaration();
    S state = device.snapshot();
    List<byte[]> seeds = new ArrayList<>();
    WireWriter classic = new WireWriter();
    classic.u8(0);
    declaration.save(state, classic, QemuRelease.usual());
    seeds.add(classic.toByteArray());
    for (int i = 0; i < declaration.groups().size(); i++) {
      byte[] group = GroupForm.encode(declaration.groups().get(i), state);
      byte[] seed = new byte[1 + group.length];
      seed[0] = (byte) (i + 1);
      System.arraycopy(group, 0, seed, 1, group.length);
      seeds.add(seed);
    }
    for (QemuRelease release : OTHERS) {
      if (declaration.versions().at(release).isPresent()) {
        WireWriter other = new WireWriter();
        other.u8(1 + declaration.groups().size() + OTHERS.indexOf(release));
        declaration.save(state, other, release);
        seeds.add(other.toByteArray());
      }
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
      int groups = declaration.groups().size();
      int form = (input[0] & 0xff) % (groups + 1 + OTHERS.size());
      if (form > 0 && form <= groups) {
        GroupForm.decode(declaration.groups().get(form - 1), state, bytes);
      } else {
        QemuRelease release = form == 0 ? QemuRelease.usual() : OTHERS.get(form - groups - 1);
        int version = declaration.versions().at(release).orElse(0);
        declaration.load(state, new WireReader(bytes), version);
      }
      device.commit(state);
      return "";
    } catch (StreamException e) {
      return e.getMessage();
    }
  }
}
