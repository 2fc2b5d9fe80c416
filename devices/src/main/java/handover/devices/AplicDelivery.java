package handover.devices;

/**
 * How a domain of an {@link Aplic} brings its interrupts to harts (AIA 1.0, 4.8 and 4.9): over a
 * wire to each hart, or by messages. Called under the domain's lock.
 */
public abstract sealed class AplicDelivery {
  private AplicDelivery() {}

  /** Over wires, the external interrupt of each hart at the domain's level. */
  public static AplicDelivery direct(InterruptLine... outputs) {
    return new Direct(outputs.clone());
  }

  /** By messages. */
  public static AplicDelivery messages(MessageSink sink) {
    return new Messages(sink);
  }

  /** Harts that have registers of their own in the domain. */
  abstract int harts();

  abstract boolean byMessage();

  abstract int initialTarget();

  /** A source may have become ready, or not ready any more. */
  abstract void deliver(Aplic domain, int irq);

  /** The domain's whole state was replaced. */
  abstract void refresh(Aplic domain);

  /** Sends a message that is no source's. */
  void send(Aplic domain, int target) {}

  /** Reads a hart's register; the offset is from the first hart's. */
  int load(Aplic domain, int offset) {
    return 0;
  }

  /** Writes a hart's register. */
  void store(Aplic domain, int offset, int value) {}

  private static final class Messages extends AplicDelivery {
    private static final int IDENTITY = 0x7ff;
    private static final int HART_SHIFT = 18;
    private final MessageSink sink;

    Messages(MessageSink sink) {
      this.sink = sink;
    }

    @Override
    int harts() {
      return 0;
    }

    @Override
    boolean byMessage() {
      return true;
    }

    @Override
    int initialTarget() {
      return 0;
    }

    @Override
    void deliver(Aplic domain, int irq) {
      if (domain.enabled() && domain.ready(irq)) {
        domain.served(irq);
        send(domain, domain.state().target[irq]);
      }
    }

    @Override
    void refresh(Aplic domain) {}

    @Override
    void send(Aplic domain, int target) {
      sink.send(domain.messageAddress(target >>> HART_SHIFT), target & IDENTITY);
    }
  }

  private static final class Direct extends AplicDelivery {
    private static final int STRIDE_SHIFT = 5;
    private static final int HART_SHIFT = 18;
    private static final int PRIORITY = 0xff;
    private final InterruptLine[] outputs;

    Direct(InterruptLine[] outputs) {
      this.outputs = outputs;
    }

    @Override
    int harts() {
      return outputs.length;
    }

    @Override
    boolean byMessage() {
      return false;
    }

    @Override
    int initialTarget() {
      return 1;
    }

    /** A source that changed its target also leaves the hart it had. */
    @Override
    void deliver(Aplic domain, int irq) {
      refresh(domain);
    }

    @Override
    void refresh(Aplic domain) {
      for (int hart = 0; hart < outputs.length; hart++) {
        drive(domain, hart);
      }
    }

    private void drive(Aplic domain, int hart) {
      AplicState s = domain.state();
      boolean open = domain.enabled() && s.delivery[hart] != 0;
      outputs[hart].set(open && (s.force[hart] != 0 || top(domain, hart) != 0));
    }

    /** The source of lowest priority number, then of lowest number, with that priority; or 0. */
    private static int top(Aplic domain, int hart) {
      AplicState s = domain.state();
      int best = 0;
      int lowest = s.threshold[hart] == 0 ? PRIORITY + 1 : s.threshold[hart];
      for (int irq = 1; irq < Aplic.SOURCES; irq++) {
        int priority = s.target[irq] & PRIORITY;
        if (priority < lowest && s.target[irq] >>> HART_SHIFT == hart && domain.ready(irq)) {
          lowest = priority;
          best = irq << 16 | priority;
        }
      }
      return best;
    }

    @Override
    int load(Aplic domain, int offset) {
      int hart = offset >>> STRIDE_SHIFT;
      if (hart >= outputs.length) {
        return 0;
      }
      AplicState s = domain.state();
      return switch (offset & (1 << STRIDE_SHIFT) - 1) {
        case 0x00 -> s.delivery[hart];
        case 0x04 -> s.force[hart];
        case 0x08 -> s.threshold[hart];
        case 0x18 -> top(domain, hart);
        case 0x1c -> claim(domain, hart);
        default -> 0;
      };
    }

    private int claim(Aplic domain, int hart) {
      int top = top(domain, hart);
      if (top == 0) {
        domain.state().force[hart] = 0;
      } else {
        domain.served(top >>> 16);
      }
      drive(domain, hart);
      return top;
    }

    @Override
    void store(Aplic domain, int offset, int value) {
      int hart = offset >>> STRIDE_SHIFT;
      if (hart < outputs.length) {
        AplicState s = domain.state();
        switch (offset & (1 << STRIDE_SHIFT) - 1) {
          case 0x00 -> s.delivery[hart] = value & 1;
          case 0x04 -> s.force[hart] = value & 1;
          case 0x08 -> s.threshold[hart] = value & 7;
          default -> {}
        }
        drive(domain, hart);
      }
    }
  }
}
