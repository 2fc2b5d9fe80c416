package handover.devices;

/** Swallows output, never has input. */
final class NoCharacterBackend implements CharacterBackend {
  @Override
  public String description() {
    return "none";
  }

  @Override
  public void onInput(Runnable listener) {}

  @Override
  public int read() {
    return -1;
  }

  @Override
  public void write(int value) {}

  @Override
  public void close() {}
}
