package handover.migration;

import handover.vmstate.CarriesFrames;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;
import java.util.List;

/** A network device with next to no state, on one port of a {@link FakeNetwork}. */
record FakeNet(FakeNetwork network, FakeNetwork.Device wire)
    implements Migratable<long[]>, CarriesFrames {
  private static final StateDeclaration<long[]> DECLARATION =
      StateDeclaration.<long[]>of("net", 1)
          .scalar("flags", WireType.U8, s -> s[0], (s, v) -> s[0] = v)
          .build();

  /** The guest's host announces it. */
  void announce() {
    if (wire == network.destination) {
      network.announce();
    }
  }

  @Override
  public String sectionName() {
    return "net";
  }

  @Override
  public StateDeclaration<long[]> declaration() {
    return DECLARATION;
  }

  @Override
  public long[] snapshot() {
    return blank();
  }

  @Override
  public long[] blank() {
    return new long[1];
  }

  @Override
  public void commit(long[] state) {
    // Has nothing but frames.
  }

  @Override
  public void beginForwarding(Runnable news) {
    wire.beginForwarding(news);
  }

  @Override
  public List<byte[]> takeFrames(int mostBytes) {
    return wire.takeFrames(mostBytes);
  }

  @Override
  public boolean departed() {
    return wire.departed();
  }

  @Override
  public void endForwarding() {
    wire.endForwarding();
  }

  @Override
  public void returnFrames(List<byte[]> frames) {
    wire.returnFrames(frames);
  }

  @Override
  public void expectFrames() {
    wire.expectFrames();
  }

  @Override
  public void takeOver() {
    wire.takeOver();
  }

  @Override
  public boolean carriedFrame(byte[] frame) {
    return wire.carriedFrame(frame);
  }

  @Override
  public void endCarrying() {
    wire.endCarrying();
  }
}
