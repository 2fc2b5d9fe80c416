package handover.lab;

import java.time.Instant;
import java.util.List;

/**
 * What an experiment has shown so far.
 *
 * @param command as typed
 * @param began when
 * @param host the machine it ran on, a fact a line
 * @param cells by configuration, in the plan's order
 * @param missing what was not measured, or less often than planned, in words: there was no time for
 *     it, or it went wrong
 * @param problems what went wrong, in words; such runs are not among the cells'
 */
public record DowntimeResult(
    String command,
    Instant began,
    List<String> host,
    List<DowntimeCell> cells,
    List<String> missing,
    List<String> problems) {}
