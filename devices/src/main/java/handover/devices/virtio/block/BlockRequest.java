package handover.devices.virtio.block;

import handover.devices.virtio.DescriptorChain;
import handover.devices.virtio.VirtioFault;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Carries out requests (virtio 1.2, 5.2.6), one at a time, with one buffer for all of them.
 *
 * <p>A request is a 16-byte header to read, data, and a status byte to write, which is last. A
 * chain that is not even that is a fault; anything else that is wrong is answered with a status.
 */
final class BlockRequest {
  private static final System.Logger LOG = System.getLogger(BlockRequest.class.getName());

  private static final int HEADER = 16;
  private static final int IN = 0;
  private static final int OUT = 1;
  private static final int FLUSH = 4;
  private static final int GET_ID = 8;
  private static final int DISCARD = 11;
  private static final int WRITE_ZEROES = 13;

  private static final byte OK = 0;
  private static final byte IOERR = 1;
  private static final byte UNSUPP = 2;

  private static final int ID_BYTES = 20;
  private static final int SEGMENT = 16;
  private static final int UNMAP = 1;
  private static final int CHUNK = 128 << 10;

  private final RawImage image;
  private final byte[] serial;
  private final byte[] header = new byte[HEADER];
  private final byte[] buffer = new byte[CHUNK];
  private final byte[] status = new byte[1];
  private int loudErrors = 16;
  private int written;

  BlockRequest(RawImage image, String serial) {
    this.image = image;
    this.serial = Arrays.copyOf(serial.getBytes(StandardCharsets.US_ASCII), ID_BYTES);
  }

  /**
   * Serves one request.
   *
   * @param features what was negotiated
   * @param writeThrough whether a write must survive a power failure when it is answered
   * @return bytes written into the chain
   */
  int serve(DescriptorChain chain, long features, boolean writeThrough) {
    if (chain.readable() < HEADER || chain.writable() < 1) {
      throw new VirtioFault(
          "a block request of %d readable and %d writable bytes; 16 and 1 are the least"
              .formatted(chain.readable(), chain.writable()));
    }
    chain.read(0, header, 0, HEADER);
    written = 0;
    try {
      status[0] = dispatch(chain, features, writeThrough);
    } catch (IOException e) {
      LOG.log(
          loudErrors-- > 0 ? Level.WARNING : Level.DEBUG,
          "drive {0}: request type {1} at sector {2} failed: {3}",
          image.id(),
          Little.u32(header, 0),
          Little.u64(header, 8),
          e.toString());
      status[0] = IOERR;
    }
    chain.write(chain.writable() - 1, status, 0, 1);
    // The length counts from the first byte, so the status byte is in it only when all before is.
    return written == chain.writable() - 1 ? chain.writable() : written;
  }

  private byte dispatch(DescriptorChain chain, long features, boolean writeThrough)
      throws IOException {
    long sector = Little.u64(header, 8);
    return switch (Little.u32(header, 0)) {
      case IN -> read(chain, sector);
      case OUT -> write(chain, sector, writeThrough);
      case FLUSH -> flush();
      case GET_ID -> identify(chain);
      case DISCARD -> offered(features, BlockFeatures.DISCARD) ? discard(chain) : UNSUPP;
      case WRITE_ZEROES ->
          offered(features, BlockFeatures.WRITE_ZEROES) ? writeZeroes(chain, writeThrough) : UNSUPP;
      default -> UNSUPP;
    };
  }

  private byte read(DescriptorChain chain, long sector) throws IOException {
    int length = chain.writable() - 1;
    if (!inside(sector, length)) {
      return IOERR;
    }
    for (int done = 0; done < length; done += CHUNK) {
      int here = Math.min(CHUNK, length - done);
      image.read(sector * RawImage.SECTOR + done, buffer, here);
      chain.write(done, buffer, 0, here);
      written = done + here;
    }
    return OK;
  }

  private byte write(DescriptorChain chain, long sector, boolean writeThrough) throws IOException {
    int length = chain.readable() - HEADER;
    if (image.readOnly() || !inside(sector, length)) {
      return IOERR;
    }
    for (int done = 0; done < length; done += CHUNK) {
      int here = Math.min(CHUNK, length - done);
      chain.read(HEADER + done, buffer, 0, here);
      image.write(sector * RawImage.SECTOR + done, buffer, here);
    }
    return settle(writeThrough);
  }

  private byte flush() throws IOException {
    image.flush();
    return OK;
  }

  private byte identify(DescriptorChain chain) {
    int length = Math.min(ID_BYTES, chain.writable() - 1);
    chain.write(0, serial, 0, length);
    written = length;
    return OK;
  }

  /** A hint, which a raw file has no use for; it is checked like any other request. */
  private byte discard(DescriptorChain chain) {
    byte verdict = readSegment(chain);
    return verdict == OK && Little.u32(buffer, 12) != 0 ? UNSUPP : verdict;
  }

  private byte writeZeroes(DescriptorChain chain, boolean writeThrough) throws IOException {
    byte verdict = readSegment(chain);
    if (verdict != OK) {
      return verdict;
    }
    if ((Little.u32(buffer, 12) & ~UNMAP) != 0) {
      return UNSUPP;
    }
    long at = Little.u64(buffer, 0) * RawImage.SECTOR;
    long left = (long) Little.u32(buffer, 8) * RawImage.SECTOR;
    Arrays.fill(buffer, (byte) 0);
    for (; left > 0; left -= CHUNK, at += CHUNK) {
      image.write(at, buffer, (int) Math.min(CHUNK, left));
    }
    return settle(writeThrough);
  }

  /** Reads the one segment allowed into the buffer and checks its place. */
  private byte readSegment(DescriptorChain chain) {
    if (image.readOnly()) {
      return IOERR;
    }
    if (chain.readable() != HEADER + SEGMENT) {
      return UNSUPP;
    }
    chain.read(HEADER, buffer, 0, SEGMENT);
    int count = Little.u32(buffer, 8);
    boolean fits = count >= 0 && count <= BlockConfig.MOST_SECTORS;
    return fits && inside(Little.u64(buffer, 0), count * RawImage.SECTOR) ? OK : IOERR;
  }

  private byte settle(boolean writeThrough) throws IOException {
    if (writeThrough) {
      image.flush();
    }
    return OK;
  }

  /** Whether whole sectors from {@code sector} (unsigned) lie on the disk. */
  private boolean inside(long sector, int length) {
    return length % RawImage.SECTOR == 0
        && sector >= 0
        && sector <= image.sectors() - length / RawImage.SECTOR;
  }

  private static boolean offered(long features, long feature) {
    return (features & feature) != 0;
  }
}
