package handover.machine;

import handover.devices.Aplic;
import handover.devices.AplicDelivery;
import handover.devices.Imsic;
import handover.devices.InterruptLine;
import handover.devices.Lifecycle;
import handover.devices.MessageSink;
import handover.devices.MmioBus;
import handover.devices.MmioDevice;
import handover.devices.Plic;
import handover.memory.GuestMemory;
import handover.riscv.Hart;
import handover.riscv.InterruptFile;
import handover.vmstate.Migratable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What stands between devices and harts: a PLIC, or what {@code aia=} asks for. */
final class InterruptControllers {
  private static final int SEIP = 9;
  private static final int MEIP = 11;

  private final MmioBus bus;
  private final List<Hart> harts;
  private final List<Lifecycle> lifecycles = new ArrayList<>();
  private final List<Migratable<?>> sections = new ArrayList<>();
  private final IntFunction<InterruptLine> inputs;
  private final MessageSink messages;

  /** Puts the controllers onto the board's bus, and interrupt files into its harts. */
  InterruptControllers(Aia aia, MmioBus bus, GuestMemory memory, List<Hart> harts) {
    this.bus = bus;
    this.harts = harts;
    if (aia.messages()) {
      MessageWrites writes = new MessageWrites(memory, files(MEIP), files(SEIP));
      attach(writes);
      messages = writes;
      inputs = domains(AplicDelivery.messages(writes), AplicDelivery.messages(writes))::input;
    } else if (aia == Aia.APLIC) {
      messages = new MessageWrites(memory, List.of(), List.of());
      inputs = domains(AplicDelivery.direct(lines(MEIP)), AplicDelivery.direct(lines(SEIP)))::input;
    } else {
      messages = new MessageWrites(memory, List.of(), List.of());
      inputs = add(VirtMap.PLIC, new Plic(plicOutputs()))::input;
    }
  }

  /** The input of a source, by its number. */
  InterruptLine input(int irq) {
    return inputs.apply(irq);
  }

  /** Where message-signalled interrupts go. */
  MessageSink messages() {
    return messages;
  }

  List<Lifecycle> lifecycles() {
    return lifecycles;
  }

  /** What QEMU's stream has of them, in its order. */
  List<Migratable<?>> sections() {
    return sections;
  }

  /** The interrupt files of one level, for every hart. */
  private List<Imsic> files(int line) {
    boolean machine = line == MEIP;
    long base = machine ? VirtMap.IMSIC_M : VirtMap.IMSIC_S;
    List<Imsic> files = new ArrayList<>();
    for (Hart hart : harts) {
      int instance = machine ? hart.id() : harts.size() + hart.id();
      String name = "imsic-%s%d".formatted(machine ? "m" : "s", hart.id());
      Imsic file = new Imsic(name, instance, line(hart, line));
      files.add(add(base + hart.id() * Imsic.SIZE, file));
    }
    return files;
  }

  private void attach(MessageWrites writes) {
    for (Hart hart : harts) {
      hart.attach(
          registers(writes.machine().get(hart.id())),
          registers(writes.supervisor().get(hart.id())));
    }
  }

  private static InterruptFile registers(Imsic file) {
    return new InterruptFile() {
      @Override
      public long load(int select) {
        return file.select(select);
      }

      @Override
      public void store(int select, long value) {
        file.select(select, value);
      }

      @Override
      public int top() {
        return file.top();
      }

      @Override
      public void claim(int identity) {
        file.claim(identity);
      }
    };
  }

  private Aplic domains(AplicDelivery machine, AplicDelivery supervisor) {
    Aplic root = add(VirtMap.APLIC_M, new Aplic(machine));
    Aplic unused = add(VirtMap.APLIC_S, root.withChild(supervisor));
    return root;
  }

  private <D extends MmioDevice & Lifecycle & Migratable<?>> D add(long base, D device) {
    bus.map(base, device);
    lifecycles.add(device);
    sections.add(device);
    return device;
  }

  private InterruptLine[] plicOutputs() {
    return harts.stream()
        .flatMap(hart -> IntStream.of(MEIP, SEIP).mapToObj(bit -> line(hart, bit)))
        .toArray(InterruptLine[]::new);
  }

  private InterruptLine[] lines(int bit) {
    return harts.stream().map(hart -> line(hart, bit)).toArray(InterruptLine[]::new);
  }

  private static InterruptLine line(Hart hart, int bit) {
    return asserted -> hart.setInterrupt(bit, asserted);
  }
}
