package handover.diagnosis.translate;

import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.nio.ByteBuffer;

/**
 * A device's section as it came.
 *
 * @param header how it begins
 * @param offset where in the stream its payload begins
 * @param payload all of it
 */
record ArrivedSection(SectionHeader header, long offset, byte[] payload) {
  /** Name and instance. */
  String label() {
    return SectionHeader.label(header.name(), header.instanceId());
  }

  /** Changes what stands at a byte of the stream inside the payload. */
  void u32(long at, int value) {
    ByteBuffer.wrap(payload).putInt((int) (at - offset), value);
  }

  /** Reads the payload; positions are the stream's. */
  WireReader reader() {
    WireReader in = new WireReader(payload);
    in.enter(label());
    in.passed(offset);
    return in;
  }

  /** A section that has been understood, and committed to a board's device. */
  record Loaded<S>(SectionHeader header, Migratable<S> device, S state) {
    /** Loads all of a payload and commits it. */
    static <S> Loaded<S> of(ArrivedSection from, Migratable<S> device) {
      S state = device.blank();
      WireReader in = from.reader();
      device.declaration().load(state, in, from.header().version());
      long left = from.offset() + from.payload().length - in.position();
      if (left != 0) {
        throw in.malformed("the end of the section", left + " bytes more");
      }
      device.commit(state);
      return new Loaded<>(from.header(), device, state);
    }

    /** A device as after power-on, for a section that did not come. */
    static <S> Loaded<S> absent(Migratable<S> device, int id) {
      SectionHeader header =
          new SectionHeader(
              StreamFormat.SECTION_FULL, id, device.sectionName(), device.instanceId(), 0);
      return new Loaded<>(header, device, device.blank());
    }

    /** Whether {@code release} has such a section. */
    boolean in(QemuRelease release) {
      return device.declaration().versions().at(release).isPresent();
    }

    /** Appends the section as {@code release} writes it. */
    void save(WireWriter out, VmDescription description, QemuRelease release) {
      SectionHeader now =
          new SectionHeader(
              header.type(),
              header.id(),
              header.name(),
              header.instanceId(),
              device.declaration().versionIn(release));
      now.write(out);
      int before = out.length();
      S again = device.savedAgain(state);
      device.declaration().save(again, out, release);
      int bytes = out.length() - before;
      now.writeFooter(out);
      description.section(header.name(), header.instanceId(), device.declaration(), again, bytes);
    }
  }
}
