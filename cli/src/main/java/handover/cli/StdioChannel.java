package handover.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Standard input and output as one channel; closing it leaves both open. */
final class StdioChannel implements ByteChannel {
  private final ReadableByteChannel in = Channels.newChannel(System.in);
  private final WritableByteChannel out = Channels.newChannel(System.out);
  private volatile boolean open = true;

  @Override
  public int read(ByteBuffer into) throws IOException {
    return open ? in.read(into) : -1;
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    int written = out.write(from);
    System.out.flush();
    return written;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
