/**
 * The command line: {@code handover vm}, {@code demo}, {@code migrate}, {@code check}, {@code
 * inspect}, {@code translate}, {@code guest}, {@code hub}, {@code lab}, {@code vmstate}.
 */
module handover.cli {
  requires handover.diagnosis;
  requires handover.guest;
  requires handover.lab;
  requires handover.machine;
  requires handover.monitor;
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires org.jline.reader;
  requires org.jline.terminal;

  opens handover.cli to
      info.picocli;
}
