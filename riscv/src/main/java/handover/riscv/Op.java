package handover.riscv;

/**
 * Numbers of the operations a decoded instruction can ask for; compressed instructions share those
 * of their full forms. Dense and constant, so that a {@code switch} becomes one jump table.
 */
final class Op {
  private Op() {}

  /** Slot not decoded yet. */
  static final int UNDECODED = 0;

  /** No instruction: look up the page that holds the program counter. */
  static final int FETCH = 1;

  /** A 32-bit instruction whose second half lies in the next page. */
  static final int CROSSING = 2;

  static final int ILLEGAL = 3;

  static final int LUI = 4;
  static final int AUIPC = 5;
  static final int JALR = 6;

  // Control transfers with a byte displacement. The same order again for targets in the same page.
  static final int BEQ = 7;
  static final int BNE = 8;
  static final int BLT = 9;
  static final int BGE = 10;
  static final int BLTU = 11;
  static final int BGEU = 12;
  static final int JAL = 13;

  /** Distance from a transfer to its form with a displacement in slots of the same page. */
  static final int NEAR = 7;

  static final int BEQ_NEAR = 14;
  static final int BNE_NEAR = 15;
  static final int BLT_NEAR = 16;
  static final int BGE_NEAR = 17;
  static final int BLTU_NEAR = 18;
  static final int BGEU_NEAR = 19;
  static final int JAL_NEAR = 20;

  static final int LB = 21;
  static final int LH = 22;
  static final int LW = 23;
  static final int LD = 24;
  static final int LBU = 25;
  static final int LHU = 26;
  static final int LWU = 27;
  static final int SB = 28;
  static final int SH = 29;
  static final int SW = 30;
  static final int SD = 31;

  static final int ADDI = 32;
  static final int SLTI = 33;
  static final int SLTIU = 34;
  static final int XORI = 35;
  static final int ORI = 36;
  static final int ANDI = 37;
  static final int SLLI = 38;
  static final int SRLI = 39;
  static final int SRAI = 40;
  static final int ADDIW = 41;
  static final int SLLIW = 42;
  static final int SRLIW = 43;
  static final int SRAIW = 44;
  static final int ADD = 45;
  static final int SUB = 46;
  static final int SLL = 47;
  static final int SLT = 48;
  static final int SLTU = 49;
  static final int XOR = 50;
  static final int SRL = 51;
  static final int SRA = 52;
  static final int OR = 53;
  static final int AND = 54;
  static final int ADDW = 55;
  static final int SUBW = 56;
  static final int SLLW = 57;
  static final int SRLW = 58;
  static final int SRAW = 59;

  static final int MUL = 60;
  static final int MULH = 61;
  static final int MULHSU = 62;
  static final int MULHU = 63;
  static final int DIV = 64;
  static final int DIVU = 65;
  static final int REM = 66;
  static final int REMU = 67;
  static final int MULW = 68;
  static final int DIVW = 69;
  static final int DIVUW = 70;
  static final int REMW = 71;
  static final int REMUW = 72;

  static final int FENCE = 73;

  /** Everything from here to {@link #FIRST_SYSTEM} leaves control flow alone. */
  static final int FIRST_ATOMIC = 74;

  static final int LR_W = 74;
  static final int SC_W = 75;
  static final int AMOSWAP_W = 76;
  static final int AMOADD_W = 77;
  static final int AMOXOR_W = 78;
  static final int AMOAND_W = 79;
  static final int AMOOR_W = 80;
  static final int AMOMIN_W = 81;
  static final int AMOMAX_W = 82;
  static final int AMOMINU_W = 83;
  static final int AMOMAXU_W = 84;
  static final int LR_D = 85;
  static final int SC_D = 86;
  static final int AMOSWAP_D = 87;
  static final int AMOADD_D = 88;
  static final int AMOXOR_D = 89;
  static final int AMOAND_D = 90;
  static final int AMOOR_D = 91;
  static final int AMOMIN_D = 92;
  static final int AMOMAX_D = 93;
  static final int AMOMINU_D = 94;
  static final int AMOMAXU_D = 95;

  static final int FIRST_FLOAT = 96;
  static final int FLW = 96;
  static final int FLD = 97;
  static final int FSW = 98;
  static final int FSD = 99;

  static final int FIRST_SINGLE = 100;
  static final int FADD_S = 100;
  static final int FSUB_S = 101;
  static final int FMUL_S = 102;
  static final int FDIV_S = 103;
  static final int FSQRT_S = 104;
  static final int FMADD_S = 105;
  static final int FMSUB_S = 106;
  static final int FNMSUB_S = 107;
  static final int FNMADD_S = 108;
  static final int FSGNJ_S = 109;
  static final int FSGNJN_S = 110;
  static final int FSGNJX_S = 111;
  static final int FMIN_S = 112;
  static final int FMAX_S = 113;
  static final int FEQ_S = 114;
  static final int FLT_S = 115;
  static final int FLE_S = 116;
  static final int FCLASS_S = 117;
  static final int FCVT_W_S = 118;
  static final int FCVT_WU_S = 119;
  static final int FCVT_L_S = 120;
  static final int FCVT_LU_S = 121;
  static final int FCVT_S_W = 122;
  static final int FCVT_S_WU = 123;
  static final int FCVT_S_L = 124;
  static final int FCVT_S_LU = 125;
  static final int FMV_X_W = 126;
  static final int FMV_W_X = 127;

  static final int FIRST_DOUBLE = 128;
  static final int FADD_D = 128;
  static final int FSUB_D = 129;
  static final int FMUL_D = 130;
  static final int FDIV_D = 131;
  static final int FSQRT_D = 132;
  static final int FMADD_D = 133;
  static final int FMSUB_D = 134;
  static final int FNMSUB_D = 135;
  static final int FNMADD_D = 136;
  static final int FSGNJ_D = 137;
  static final int FSGNJN_D = 138;
  static final int FSGNJX_D = 139;
  static final int FMIN_D = 140;
  static final int FMAX_D = 141;
  static final int FEQ_D = 142;
  static final int FLT_D = 143;
  static final int FLE_D = 144;
  static final int FCLASS_D = 145;
  static final int FCVT_W_D = 146;
  static final int FCVT_WU_D = 147;
  static final int FCVT_L_D = 148;
  static final int FCVT_LU_D = 149;
  static final int FCVT_D_W = 150;
  static final int FCVT_D_WU = 151;
  static final int FCVT_D_L = 152;
  static final int FCVT_D_LU = 153;
  static final int FMV_X_D = 154;
  static final int FMV_D_X = 155;
  static final int FCVT_S_D = 156;
  static final int FCVT_D_S = 157;

  static final int FIRST_SYSTEM = 158;
  static final int FENCE_I = 158;
  static final int ECALL = 159;
  static final int EBREAK = 160;
  static final int SRET = 161;
  static final int MRET = 162;
  static final int WFI = 163;
  static final int SFENCE_VMA = 164;
  static final int CSRRW = 165;
  static final int CSRRS = 166;
  static final int CSRRC = 167;
  static final int CSRRWI = 168;
  static final int CSRRSI = 169;
  static final int CSRRCI = 170;

  /** Not an instruction: a translated region begins here. */
  static final int TRANSLATED = 171;

  /** Whether execution never goes on with the next instruction. */
  static boolean endsRun(int op) {
    return op == JAL || op == JALR || op == ILLEGAL || op == SRET || op == MRET || op == ECALL;
  }

  /** Whether this is a branch or jump with a displacement in bytes. */
  static boolean isTransfer(int op) {
    return op >= BEQ && op <= JAL;
  }
}
