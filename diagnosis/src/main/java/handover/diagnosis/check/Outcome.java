package handover.diagnosis.check;

/** What becomes of a migration in spite of a difference. */
public enum Outcome {
  /** The source believes that it completed and has stopped; the destination has died. */
  LOST("the guest is lost"),
  /** Neither side ends until somebody cancels. */
  HANG("hangs until cancelled"),
  /** The migration fails; the guest runs on at the source. */
  FAILURE("fails, the guest stays"),
  /** It does not begin. */
  REFUSAL("refused at once"),
  /** It works, and what arrives may not be what was sent. */
  RISK("works, but may harm the guest"),
  /** It works. */
  HARMLESS("harmless");

  private final String words;

  Outcome(String words) {
    this.words = words;
  }

  /** In words. */
  public String words() {
    return words;
  }

  /** Whether it works not. */
  public boolean breaks() {
    return this != RISK && this != HARMLESS;
  }
}
