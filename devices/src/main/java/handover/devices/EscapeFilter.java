package handover.devices;

import java.util.function.IntConsumer;

/** Sorts typed bytes into guest input, monitor input and Ctrl-A commands. One thread only. */
final class EscapeFilter {
  private static final int CTRL_A = 1;
  private static final String HELP =
      """
      \r
      Ctrl-A h  this help\r
      Ctrl-A x  end the virtual machine\r
      Ctrl-A c  switch between guest and monitor\r
      Ctrl-A Ctrl-A  send Ctrl-A\r
      """;

  private final ConsoleEscapes escapes;
  private final IntConsumer guestInput;
  private final IntConsumer screen;
  private boolean escaped;
  private boolean monitor;

  EscapeFilter(ConsoleEscapes escapes, IntConsumer guestInput, IntConsumer screen) {
    this.escapes = escapes;
    this.guestInput = guestInput;
    this.screen = screen;
  }

  void typed(int value) {
    if (escaped) {
      escaped = false;
      command(value);
    } else if (value == CTRL_A) {
      escaped = true;
    } else {
      pass(value);
    }
  }

  private void command(int value) {
    switch (value) {
      case 'x' -> escapes.quit();
      case 'c' -> {
        monitor = !monitor;
        escapes.focus(monitor);
      }
      case 'h', '?' -> HELP.chars().forEach(screen);
      case CTRL_A -> pass(CTRL_A);
      default -> {}
    }
  }

  private void pass(int value) {
    if (monitor) {
      escapes.monitorInput(value);
    } else {
      guestInput.accept(value);
    }
  }
}
