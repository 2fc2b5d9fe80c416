package handover.vmstate;

import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** One declared piece of state: how it is called, how wide it is, where it lives in {@code S}. */
public sealed interface Field<S> {
  /** QEMU's name for the field. */
  String name();

  /** Appends the value as {@code release} does. */
  void save(S state, WireWriter out, QemuRelease release);

  /** Reads the value as {@code release} writes it into {@code state}. */
  void load(S state, WireReader in, QemuRelease release);

  /** Reads the i-th value. */
  @FunctionalInterface
  interface IndexedGetter<S> {
    /** Value at {@code index}. */
    long get(S state, int index);
  }

  /** Stores the i-th value. */
  @FunctionalInterface
  interface IndexedSetter<S> {
    /** Sets the value at {@code index}. */
    void set(S state, int index, long value);
  }

  /** Gives the i-th element, to be read or filled in place. */
  @FunctionalInterface
  interface Element<S, E> {
    /** Element at {@code index}. */
    E get(S state, int index);
  }

  /** One integer. */
  record Scalar<S>(String name, Width type, ToLongFunction<S> get, ObjLongConsumer<S> set)
      implements Field<S> {
    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      type.at(release).write(out, get.applyAsLong(state));
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      set.accept(state, type.at(release).read(in));
    }
  }

  /** One integer both sides must have. */
  record Equal<S>(String name, Width type, ToLongFunction<S> get) implements Field<S> {
    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      type.at(release).write(out, get.applyAsLong(state));
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      long ours = get.applyAsLong(state);
      long theirs = type.at(release).read(in);
      if (ours != theirs) {
        throw in.malformed(name + " = " + ours + " as configured here", Long.toString(theirs));
      }
    }
  }

  /** A row of integers. */
  record Array<S>(
      String name, Width type, ToIntFunction<S> count, IndexedGetter<S> get, IndexedSetter<S> set)
      implements Field<S> {
    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      for (int i = 0; i < count.applyAsInt(state); i++) {
        type.at(release).write(out, get.get(state, i));
      }
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      for (int i = 0; i < count.applyAsInt(state); i++) {
        set.set(state, i, type.at(release).read(in));
      }
    }
  }

  /** Raw bytes of a length the state knows. */
  record Bytes<S>(String name, Function<S, byte[]> bytes) implements Field<S> {
    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      out.bytes(bytes.apply(state));
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      byte[] into = bytes.apply(state);
      in.bytes(into, 0, into.length);
    }
  }

  /** A row of structures. */
  record Structs<S, E>(
      String name, ToIntFunction<S> count, StateDeclaration<E> declaration, Element<S, E> element)
      implements Field<S> {
    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      for (int i = 0; i < count.applyAsInt(state); i++) {
        E e = element.get(state, i);
        declaration.save(e, out, release);
      }
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      for (int i = 0; i < count.applyAsInt(state); i++) {
        E e = element.get(state, i);
        declaration.loadAs(e, in, release);
      }
    }
  }

  /** Padding. */
  record Unused<S>(int size) implements Field<S> {
    @Override
    public String name() {
      return "unused";
    }

    @Override
    public void save(S state, WireWriter out, QemuRelease release) {
      out.zeros(size);
    }

    @Override
    public void load(S state, WireReader in, QemuRelease release) {
      in.bytes(size);
    }
  }
}
