package handover.migration;

import java.util.EnumMap;
import java.util.Map;

/** Current capabilities and parameters of one machine. Safe for any thread. */
public final class MigrationSettings {
  private final Map<Capability, Boolean> capabilities = new EnumMap<>(Capability.class);
  private final Map<Parameter, Long> parameters = new EnumMap<>(Parameter.class);

  /** Everything as declared. */
  public MigrationSettings() {
    for (Capability c : Capability.values()) {
      capabilities.put(c, c.initially());
    }
    for (Parameter p : Parameter.values()) {
      parameters.put(p, p.initially());
    }
  }

  /** Whether the capability is on. */
  public synchronized boolean enabled(Capability capability) {
    return capabilities.get(capability);
  }

  /** The parameter's value, in its unit. */
  public synchronized long value(Parameter parameter) {
    return parameters.get(parameter);
  }

  /** Switches a capability. */
  public synchronized void set(Capability capability, boolean on) {
    capabilities.put(capability, on);
  }

  /**
   * Sets a parameter.
   *
   * @throws IllegalArgumentException naming the allowed range
   */
  public synchronized void set(Parameter parameter, long value) {
    if (value < parameter.minimum() || value > parameter.maximum()) {
      throw new IllegalArgumentException(
          "Parameter '%s' expects a value from %d to %d %s, got %d"
              .formatted(
                  parameter.wireName(),
                  parameter.minimum(),
                  parameter.maximum(),
                  parameter.unit(),
                  value));
    }
    parameters.put(parameter, value);
  }
}
