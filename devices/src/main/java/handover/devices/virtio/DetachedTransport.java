package handover.devices.virtio;

/** Where a device is before it is put on a transport. */
enum DetachedTransport implements VirtioTransport {
  INSTANCE;

  @Override
  public String path() {
    return "detached";
  }

  @Override
  public boolean legacy() {
    return false;
  }

  @Override
  public void save(VirtioState state) {}

  @Override
  public void load(VirtioState state) {}

  @Override
  public void reset() {}
}
