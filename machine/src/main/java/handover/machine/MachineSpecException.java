package handover.machine;

import java.util.List;

/** A machine that cannot be built as asked, with every reason. */
public final class MachineSpecException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient List<String> problems;

  /** All problems found, at least one. */
  public MachineSpecException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** One sentence each. */
  public List<String> problems() {
    return problems;
  }
}
