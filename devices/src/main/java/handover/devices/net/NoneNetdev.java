package handover.devices.net;

/** A cable that is not plugged in. */
record NoneNetdev(String id) implements Netdev {
  @Override
  public String kind() {
    return "none";
  }

  @Override
  public void attach(FrameSink device) {
    // Nothing ever arrives.
  }

  @Override
  public boolean send(byte[] frame, int offset, int length) {
    return false;
  }

  @Override
  public FrameCounts counts() {
    return new FrameCounters().counts();
  }

  @Override
  public String describe() {
    return id + ": type=none";
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
