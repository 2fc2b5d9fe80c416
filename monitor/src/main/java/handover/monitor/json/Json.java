package handover.monitor.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A JSON value (RFC 8259), immutable. Printed compactly by {@code toString}. */
public sealed interface Json {
  /** An object; members keep their order. */
  record Obj(Map<String, Json> members) implements Json {
    /** No members. */
    public static final Obj EMPTY = new Obj(Map.of());

    /** Copies. */
    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member, if present. */
    public Optional<Json> get(String name) {
      return Optional.ofNullable(members.get(name));
    }

    /** The member, if present and a string. */
    public Optional<String> text(String name) {
      return get(name).filter(Str.class::isInstance).map(v -> ((Str) v).value());
    }

    /** The member, if present and an integer. */
    public OptionalLong whole(String name) {
      return members.get(name) instanceof Int(long value)
          ? OptionalLong.of(value)
          : OptionalLong.empty();
    }

    /** The member, if present and a number. */
    public Optional<Double> number(String name) {
      return get(name).flatMap(Json::asDouble);
    }

    /** The member, if present and a boolean. */
    public Optional<Boolean> flag(String name) {
      return get(name).filter(Bool.class::isInstance).map(v -> ((Bool) v).value());
    }

    /** The member, if present and an object. */
    public Optional<Obj> object(String name) {
      return get(name).filter(Obj.class::isInstance).map(Obj.class::cast);
    }

    /** The member's elements; empty if absent or not an array. */
    public List<Json> array(String name) {
      return members.get(name) instanceof Arr(List<Json> elements) ? elements : List.of();
    }

    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** An array. */
  record Arr(List<Json> elements) implements Json {
    /** Copies. */
    public Arr {
      elements = List.copyOf(elements);
    }

    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** A string. */
  record Str(String value) implements Json {
    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** A number without fraction that fits 64 bits. */
  record Int(long value) implements Json {
    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** Any other number. */
  record Real(BigDecimal value) implements Json {
    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements Json {
    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** {@code null}. */
  enum Null implements Json {
    /** The only one. */
    NULL;

    @Override
    public String toString() {
      return JsonText.of(this);
    }
  }

  /** A string. */
  static Json of(String value) {
    return new Str(value);
  }

  /** An integer. */
  static Json of(long value) {
    return new Int(value);
  }

  /** A number, rounded to three decimals: enough for rates. */
  static Json of(double value) {
    return new Real(BigDecimal.valueOf(Math.round(value * 1000), 3));
  }

  /** A boolean. */
  static Json of(boolean value) {
    return new Bool(value);
  }

  /** An array. */
  static Json of(List<? extends Json> elements) {
    return new Arr(new ArrayList<>(elements));
  }

  /** Starts an object. */
  static Builder object() {
    return new Builder();
  }

  /** The value as a number, if it is one. */
  static Optional<Double> asDouble(Json value) {
    return switch (value) {
      case Int(long whole) -> Optional.of((double) whole);
      case Real(BigDecimal real) -> Optional.of(real.doubleValue());
      default -> Optional.empty();
    };
  }

  /** Collects an object's members in order. */
  final class Builder {
    private final Map<String, Json> members = new LinkedHashMap<>();

    private Builder() {}

    /** Adds a member. */
    public Builder with(String name, Json value) {
      members.put(name, value);
      return this;
    }

    /** Adds a string. */
    public Builder with(String name, String value) {
      return with(name, of(value));
    }

    /** Adds an integer. */
    public Builder with(String name, long value) {
      return with(name, of(value));
    }

    /** Adds a number. */
    public Builder with(String name, double value) {
      return with(name, of(value));
    }

    /** Adds a boolean. */
    public Builder with(String name, boolean value) {
      return with(name, of(value));
    }

    /** Adds a member if there is one. */
    public Builder with(String name, Optional<? extends Json> value) {
      value.ifPresent(v -> with(name, v));
      return this;
    }

    /** The object. */
    public Obj build() {
      return new Obj(members);
    }
  }
}
