package handover.riscv;

import java.util.Map;
import java.util.function.Consumer;

/**
 * How guest code is executed.
 *
 * @param translate whether hot code is translated to JVM bytecode; if not, all of it is interpreted
 * @param lockstep whether each region is executed a second time by the interpreter and compared: a
 *     debugging aid, slow
 * @param threshold how hot a place must be; 0 translates everything before it runs, for tests
 */
public record Acceleration(boolean translate, boolean lockstep, int threshold) {
  private static final int USUAL_THRESHOLD = 1024;

  /** Everything is interpreted. */
  public static final Acceleration INTERPRETER = new Acceleration(false, false, 0);

  /** Hot code is translated. */
  public static final Acceleration TRANSLATOR = new Acceleration(true, false, USUAL_THRESHOLD);

  /** Hot code is translated and compared with the interpreter. */
  public static final Acceleration LOCKSTEP = new Acceleration(true, true, USUAL_THRESHOLD);

  /**
   * What a machine gets that asks for nothing else. The system property {@code handover.accel}
   * changes it for all machines, so that every test can be run without translated code.
   */
  public static final Acceleration DEFAULT =
      System.getProperty("handover.accel", "").equals("interpreter") ? INTERPRETER : TRANSLATOR;

  /** Everything is translated at once. */
  static final Acceleration EAGER = new Acceleration(true, false, 0);

  /** Everything is translated at once, and compared with the interpreter. */
  static final Acceleration EAGER_LOCKSTEP = new Acceleration(true, true, 0);

  /**
   * Understands {@code -accel}.
   *
   * @param values {@code accel}, the kind, and {@code lockstep}, which is on or off; absent they
   *     are the default and off
   * @param problems told, in words, of everything that is wrong
   */
  public static Acceleration parse(Map<String, String> values, Consumer<String> problems) {
    values.keySet().stream()
        .filter(key -> !key.equals("accel") && !key.equals("lockstep"))
        .forEach(key -> problems.accept("there is no property '" + key + "'"));
    Acceleration kind = kind(values, problems);
    return switch (values.getOrDefault("lockstep", "off")) {
      case "off" -> kind;
      case "on" -> {
        if (!kind.translate()) {
          problems.accept(
              "lockstep compares the translator with the interpreter; use 'translator'");
        }
        yield LOCKSTEP;
      }
      default -> {
        problems.accept("lockstep is 'on' or 'off'");
        yield kind;
      }
    };
  }

  private static Acceleration kind(Map<String, String> values, Consumer<String> problems) {
    return switch (values.getOrDefault("accel", "tcg")) {
      case "tcg" -> DEFAULT;
      case "interpreter" -> INTERPRETER;
      case "translator" -> TRANSLATOR;
      default -> {
        problems.accept("expected 'translator', 'interpreter' or 'tcg', which is the default");
        yield DEFAULT;
      }
    };
  }
}
