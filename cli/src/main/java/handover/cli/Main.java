package handover.cli;

/** Entry point of {@code ./handover}. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(2);
  }
}
