package handover.devices;

import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/** What of the {@link GoldfishRtc} moves, in QEMU's layout. Times are nanoseconds. */
final class RtcState {
  /** Written for QEMUs before version 3 of this state; not used when read. */
  long tickOffsetToGuestTime;

  long alarmNext;
  long alarmRunning;
  long interruptPending;
  long interruptEnabled;
  long timeHigh;
  long tickOffset;

  static final StateDeclaration<RtcState> DECLARATION =
      StateDeclaration.<RtcState>of("goldfish_rtc", 3)
          .scalar(
              "tick_offset_vmstate",
              WireType.U64,
              s -> s.tickOffsetToGuestTime,
              (s, v) -> s.tickOffsetToGuestTime = v)
          .scalar("alarm_next", WireType.U64, s -> s.alarmNext, (s, v) -> s.alarmNext = v)
          .scalar("alarm_running", WireType.U32, s -> s.alarmRunning, (s, v) -> s.alarmRunning = v)
          .scalar(
              "irq_pending",
              WireType.U32,
              s -> s.interruptPending,
              (s, v) -> s.interruptPending = v)
          .scalar(
              "irq_enabled",
              WireType.U32,
              s -> s.interruptEnabled,
              (s, v) -> s.interruptEnabled = v)
          .scalar("time_high", WireType.U32, s -> s.timeHigh, (s, v) -> s.timeHigh = v)
          .scalar("tick_offset", WireType.U64, s -> s.tickOffset, (s, v) -> s.tickOffset = v)
          .build();

  void copyTo(RtcState other) {
    other.alarmNext = alarmNext;
    other.alarmRunning = alarmRunning;
    other.interruptPending = interruptPending;
    other.interruptEnabled = interruptEnabled;
    other.timeHigh = timeHigh;
    other.tickOffset = tickOffset;
  }
}
