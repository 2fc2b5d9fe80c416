package handover.devices;

import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;

/**
 * A 16550A serial port, by National Semiconductor's PC16550D data sheet, on an infinitely fast
 * line: a byte written is sent before the write returns, and the character time-out that announces
 * fewer bytes than the trigger level has always just elapsed.
 *
 * <p>All state is guarded by this object's lock. Input is fetched from the back end only when there
 * is room, so nothing overruns; while the machine is paused, or has not started yet, none is
 * fetched: a guest that arrives meanwhile would replace it.
 */
public final class Uart implements MmioDevice, Lifecycle, Migratable<UartState> {
  /** Depth of the receive FIFO. */
  static final int FIFO = 16;

  private static final int IER_RECEIVED = 1;
  private static final int IER_THR_EMPTY = 2;
  private static final int IER_LINE_STATUS = 4;
  private static final int IER_MODEM_STATUS = 8;
  private static final int IIR_MODEM_STATUS = 0;
  private static final int IIR_NONE = 1;
  private static final int IIR_THR_EMPTY = 2;
  private static final int IIR_RECEIVED = 4;
  private static final int IIR_LINE_STATUS = 6;
  private static final int IIR_TIMEOUT = 0xc;
  private static final int IIR_ID = 0xf;
  private static final int IIR_FIFOS = 0xc0;
  private static final int FCR_ENABLE = 1;
  private static final int FCR_CLEAR_RECEIVER = 2;
  private static final int FCR_CLEAR_TRANSMITTER = 4;
  private static final int LCR_DIVISOR = 0x80;
  private static final int MCR_OUT2 = 8;
  private static final int MCR_LOOPBACK = 0x10;
  private static final int LSR_READY = 1;
  private static final int LSR_OVERRUN = 2;
  private static final int LSR_BREAK = 0x10;
  private static final int LSR_ANY_ERROR = 0x1e;
  private static final int LSR_TRANSMITTER_EMPTY = 0x60;
  private static final int MSR_CONNECTED = 0xb0;
  private static final int MSR_ANY_DELTA = 0xf;
  private static final int[] TRIGGER_LEVELS = {1, 4, 8, 14};

  private final CharacterBackend backend;
  private final InterruptLine interrupt;
  private final UartState state = new UartState();
  private boolean paused = true;

  /**
   * A port at power-on, of a machine that has not started.
   *
   * @param backend the far end of the line
   * @param interrupt its wire into the interrupt controller
   */
  public Uart(CharacterBackend backend, InterruptLine interrupt) {
    this.backend = backend;
    this.interrupt = interrupt;
    powerOn();
    backend.onInput(this::inputArrived);
  }

  @Override
  public String name() {
    return "serial";
  }

  @Override
  public long size() {
    return 0x100;
  }

  @Override
  public synchronized long load(long offset, int bytes) {
    int value =
        switch ((int) offset) {
          case 0 -> divisorAccess() ? state.divider & 0xff : receive();
          case 1 -> divisorAccess() ? state.divider >>> 8 : state.ier;
          case 2 -> identify();
          case 3 -> state.lcr;
          case 4 -> state.mcr;
          case 5 -> lineStatus();
          case 6 -> modemStatus();
          case 7 -> state.scr;
          default -> 0;
        };
    return value & 0xff;
  }

  @Override
  public synchronized void store(long offset, int bytes, long value) {
    int octet = (int) value & 0xff;
    switch ((int) offset) {
      case 0 -> storeDataOrDivisor(octet);
      case 1 -> storeInterruptEnable(octet);
      case 2 -> storeFifoControl(octet);
      case 3 -> state.lcr = octet;
      case 4 -> storeModemControl(octet);
      case 7 -> state.scr = octet;
      default -> {}
    }
  }

  private boolean divisorAccess() {
    return (state.lcr & LCR_DIVISOR) != 0;
  }

  private boolean loopback() {
    return (state.mcr & MCR_LOOPBACK) != 0;
  }

  private boolean fifosEnabled() {
    return (state.fcr & FCR_ENABLE) != 0;
  }

  private int receive() {
    int value;
    if (fifosEnabled()) {
      value = state.received.isEmpty() ? 0 : state.received.pop();
    } else {
      value = state.rbr;
    }
    if (state.received.isEmpty()) {
      state.lsr &= ~(LSR_READY | LSR_BREAK);
    }
    fetchInput();
    update();
    return value;
  }

  private int identify() {
    int value = state.iir;
    if ((value & IIR_ID) == IIR_THR_EMPTY) {
      state.thrPending = false;
      update();
    }
    return value;
  }

  private int lineStatus() {
    int value = state.lsr;
    if ((value & LSR_ANY_ERROR) != 0) {
      state.lsr &= ~LSR_ANY_ERROR;
      update();
    }
    return value;
  }

  private int modemStatus() {
    if (loopback()) {
      // DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD.
      return (state.mcr & 0x0c) << 4 | (state.mcr & 0x02) << 3 | (state.mcr & 0x01) << 5;
    }
    int value = state.msr;
    state.msr &= ~MSR_ANY_DELTA;
    update();
    return value;
  }

  private void storeDataOrDivisor(int octet) {
    if (divisorAccess()) {
      state.divider = state.divider & 0xff00 | octet;
      return;
    }
    if (loopback()) {
      enqueue(octet);
    } else {
      backend.write(octet);
    }
    state.thrPending = true;
    update();
  }

  private void storeInterruptEnable(int octet) {
    if (divisorAccess()) {
      state.divider = state.divider & 0xff | octet << 8;
      return;
    }
    int changed = state.ier ^ octet;
    state.ier = octet & 0xf;
    if ((changed & IER_THR_EMPTY) != 0) {
      state.thrPending = (octet & IER_THR_EMPTY) != 0;
    }
    update();
  }

  private void storeFifoControl(int octet) {
    int control = octet & 0xc9;
    boolean switched = ((octet ^ state.fcr) & FCR_ENABLE) != 0;
    if (switched || (octet & FCR_CLEAR_RECEIVER) != 0) {
      state.received.clear();
      state.lsr &= ~(LSR_READY | LSR_BREAK);
    }
    if (switched || (octet & FCR_CLEAR_TRANSMITTER) != 0) {
      state.thrPending = true;
    }
    setFifoControl(control);
    fetchInput();
    update();
  }

  private void setFifoControl(int control) {
    state.fcr = control;
    state.iir = fifosEnabled() ? state.iir | IIR_FIFOS : state.iir & ~IIR_FIFOS;
  }

  private void storeModemControl(int octet) {
    state.mcr = octet & 0x1f;
    fetchInput();
    update();
  }

  private synchronized void inputArrived() {
    fetchInput();
    update();
  }

  /** Takes what the back end has, up to the room there is. */
  private void fetchInput() {
    while (!paused && !loopback() && roomForInput()) {
      int value = backend.read();
      if (value < 0) {
        return;
      }
      enqueue(value);
    }
  }

  private boolean roomForInput() {
    return fifosEnabled() ? !state.received.isFull() : (state.lsr & LSR_READY) == 0;
  }

  private void enqueue(int value) {
    if (!roomForInput()) {
      state.lsr |= LSR_OVERRUN;
    }
    if (fifosEnabled()) {
      if (!state.received.isFull()) {
        state.received.push(value);
      }
    } else {
      state.rbr = value;
    }
    state.lsr |= LSR_READY;
  }

  private void update() {
    state.timeoutPending =
        fifosEnabled()
            && !state.received.isEmpty()
            && state.received.count < TRIGGER_LEVELS[state.fcr >>> 6];
    int cause = cause();
    state.iir = state.iir & IIR_FIFOS | cause;
    interrupt.set(cause != IIR_NONE);
  }

  /** The pending enabled interrupt of highest priority, by the data sheet's table IV. */
  private int cause() {
    if ((state.ier & IER_LINE_STATUS) != 0 && (state.lsr & LSR_ANY_ERROR) != 0) {
      return IIR_LINE_STATUS;
    }
    if ((state.ier & IER_RECEIVED) != 0 && (state.lsr & LSR_READY) != 0) {
      return state.timeoutPending ? IIR_TIMEOUT : IIR_RECEIVED;
    }
    if ((state.ier & IER_THR_EMPTY) != 0 && state.thrPending) {
      return IIR_THR_EMPTY;
    }
    boolean modem = (state.ier & IER_MODEM_STATUS) != 0 && (state.msr & MSR_ANY_DELTA) != 0;
    return modem ? IIR_MODEM_STATUS : IIR_NONE;
  }

  private void powerOn() {
    new UartState().copyTo(state);
    state.divider = 12;
    state.iir = IIR_NONE;
    state.mcr = MCR_OUT2;
    state.lsr = LSR_TRANSMITTER_EMPTY;
    state.msr = MSR_CONNECTED;
  }

  @Override
  public synchronized void reset() {
    powerOn();
    interrupt.set(false);
  }

  @Override
  public synchronized void pause() {
    paused = true;
  }

  @Override
  public synchronized void resume() {
    paused = false;
    fetchInput();
    update();
  }

  @Override
  public String sectionName() {
    return "serial";
  }

  @Override
  public StateDeclaration<UartState> declaration() {
    return UartState.DECLARATION;
  }

  @Override
  public synchronized UartState snapshot() {
    UartState copy = new UartState();
    state.copyTo(copy);
    copy.thrPendingStated = copy.thrPendingHidden();
    return copy;
  }

  @Override
  public UartState blank() {
    return new UartState();
  }

  @Override
  public synchronized void commit(UartState loaded) {
    loaded.copyTo(state);
    state.thrPending =
        loaded.thrPendingStated ? loaded.thrPending : (state.iir & IIR_ID) == IIR_THR_EMPTY;
    setFifoControl(loaded.fcr);
    finishTransmission();
    if (fifosEnabled()) {
      state.lsr = state.received.isEmpty() ? state.lsr & ~LSR_READY : state.lsr | LSR_READY;
    } else {
      state.received.clear();
    }
    update();
  }

  /** Sends what the source's slow line still held: here the transmitter is always empty. */
  private void finishTransmission() {
    if (state.transmitRetry > 0) {
      backend.write(state.tsr);
    }
    while (!state.transmitting.isEmpty()) {
      backend.write(state.transmitting.pop());
    }
    state.transmitRetry = 0;
    if ((state.lsr & LSR_TRANSMITTER_EMPTY) != LSR_TRANSMITTER_EMPTY) {
      state.lsr |= LSR_TRANSMITTER_EMPTY;
      state.thrPending = true;
    }
  }
}
