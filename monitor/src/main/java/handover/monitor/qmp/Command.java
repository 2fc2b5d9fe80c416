package handover.monitor.qmp;

import handover.monitor.json.Json;
import handover.monitor.qmp.QmpType.Member;
import handover.monitor.qmp.QmpType.ObjectType;
import handover.monitor.qmp.QmpType.Struct;
import java.util.ArrayList;
import java.util.List;

/**
 * One QMP command, declared once: dispatch, validation, {@code query-commands}, {@code
 * query-qmp-schema} and the documentation come from it.
 *
 * @param name as on the wire
 * @param description one sentence
 * @param arguments what it takes
 * @param result what it returns
 * @param handler what it does; called with arguments that fit
 */
public record Command(
    String name, String description, ObjectType arguments, QmpType result, Handler handler) {
  private static final System.Logger LOG = System.getLogger(Command.class.getName());

  /** Does it. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Returns the result.
     *
     * @throws QmpException if it failed
     * @throws IllegalStateException if it cannot be done now; becomes a GenericError
     * @throws IllegalArgumentException if a value is wrong; becomes a GenericError
     */
    Json run(Json.Obj arguments) throws QmpException;
  }

  /** Does something that has no result. */
  @FunctionalInterface
  interface Action {
    void run(Json.Obj arguments) throws QmpException;
  }

  /** A command that returns something. */
  static Command query(
      String name, String description, List<Member> arguments, QmpType result, Handler handler) {
    return new Command(name, description, argumentsOf(name, arguments), result, handler);
  }

  /** A command that returns an empty object. */
  static Command action(String name, String description, List<Member> arguments, Action action) {
    return new Command(
        name,
        description,
        argumentsOf(name, arguments),
        QmpType.EMPTY,
        given -> {
          action.run(given);
          return Json.Obj.EMPTY;
        });
  }

  private static ObjectType argumentsOf(String name, List<Member> arguments) {
    return arguments.isEmpty() ? QmpType.EMPTY : new Struct(name + "-arg", arguments);
  }

  /** Checks the arguments, then runs. */
  Json execute(Json.Obj given) throws QmpException {
    List<String> problems = new ArrayList<>();
    arguments.check(given, "", problems::add);
    if (!problems.isEmpty()) {
      throw QmpException.generic(String.join("; ", problems));
    }
    try {
      return handler.run(given);
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw QmpException.generic(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // A defect of ours; the monitor must outlive it, and the log must show where it was.
      LOG.log(System.Logger.Level.ERROR, () -> "command " + name + " broke", e);
      throw QmpException.generic("command " + name + " broke: " + e);
    }
  }
}
