package handover.devices;

import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.Versions;
import handover.vmstate.WireType;

/** What of the {@link FwCfg} moves, in QEMU's layout with the subsections it sends. */
final class FwCfgState {
  int entry;
  long offset;
  long dmaAddress;

  /** Sizes of the RAM blocks that hold ACPI tables on QEMU's board; whatever comes is accepted. */
  long acpiTables = 0x20000;

  long acpiLinker = 0x900;
  long acpiRsdp = 0x24;

  static final StateDeclaration<FwCfgState> DECLARATION =
      StateDeclaration.<FwCfgState>of("fw_cfg", 2)
          .scalar("cur_entry", WireType.U16, s -> s.entry, (s, v) -> s.entry = (int) v)
          .scalar("cur_offset[1]", WireType.U32, s -> s.offset, (s, v) -> s.offset = v)
          .subsection("fw_cfg/dma", 0, s -> true)
          .scalar("dma_addr", WireType.U64, s -> s.dmaAddress, (s, v) -> s.dmaAddress = v)
          .subsection("fw_cfg/acpi_mr", Versions.since(QemuRelease.QEMU_10_0, 1), s -> true)
          .scalar("table_mr_size", WireType.U64, s -> s.acpiTables, (s, v) -> s.acpiTables = v)
          .scalar("linker_mr_size", WireType.U64, s -> s.acpiLinker, (s, v) -> s.acpiLinker = v)
          .scalar("rsdp_mr_size", WireType.U64, s -> s.acpiRsdp, (s, v) -> s.acpiRsdp = v)
          .build();
}
