package handover.guest;

/** The agent of the Linux guest, built from {@code guests/agent}: a static RISC-V Linux program. */
final class AgentImage {

  static final GuestImage IMAGE = new GuestImage("agent.elf", "agent.build");

  private AgentImage() {}
}
