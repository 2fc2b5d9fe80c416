package handover.lab;

import handover.devices.net.Netdev;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Two FIFOs in pcap's file format (draft-ietf-opsawg-pcap) for a program that reads and writes
 * frames as captures, joined to a wire: what arrives on the wire goes in, what comes out is sent.
 *
 * <p>A thread reads; the wire's own writes, and waits while the FIFO is full.
 */
final class PcapWire implements AutoCloseable {
  private static final int MAGIC = 0xa1b2c3d4;
  private static final int LONGEST = 65_535;
  private static final int ETHERNET = 1;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;

  private final FileChannel in;
  private final FileChannel out;
  private final Netdev wire;
  private final ByteBuffer record = inHostOrder(RECORD_HEADER + LONGEST);

  /**
   * Begins to carry frames.
   *
   * @param in a FIFO that the program reads
   * @param out a FIFO that it writes
   * @param wire attached here; stays the caller's to close
   */
  PcapWire(Path in, Path out, Netdev wire) throws IOException {
    this.in = open(in);
    this.out = open(out);
    this.wire = wire;
    write(
        inHostOrder(FILE_HEADER)
            .putInt(MAGIC)
            .putShort((short) 2)
            .putShort((short) 4)
            .putLong(0)
            .putInt(LONGEST)
            .putInt(ETHERNET)
            .flip());
    wire.attach(this::deliver);
    Thread.ofPlatform().daemon().name("pcap wire").start(this::run);
  }

  /** For both directions: so nobody waits for the other end to be opened. */
  private static FileChannel open(Path fifo) throws IOException {
    return new RandomAccessFile(fifo.toFile(), "rw").getChannel();
  }

  private static ByteBuffer inHostOrder(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
  }

  private boolean deliver(byte[] frame, int offset, int length) {
    try {
      record.clear().putLong(0).putInt(length).putInt(length).put(frame, offset, length).flip();
      write(record);
      return true;
    } catch (IOException e) {
      return false; // Closed: the machine it served is gone.
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      in.write(bytes);
    }
  }

  private void run() {
    try (DataInputStream from =
        new DataInputStream(new BufferedInputStream(Channels.newInputStream(out)))) {
      from.readNBytes(FILE_HEADER);
      byte[] header = new byte[RECORD_HEADER];
      while (true) {
        from.readFully(header);
        int length = ByteBuffer.wrap(header).order(ByteOrder.nativeOrder()).getInt(8);
        byte[] frame = from.readNBytes(Math.clamp(length, 0, LONGEST));
        wire.send(frame, 0, frame.length);
        wire.flush();
      }
    } catch (EOFException | java.nio.channels.ClosedChannelException e) {
      // Closed by us, since a FIFO that we may write never ends.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
    out.close();
  }
}
