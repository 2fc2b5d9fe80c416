package handover.lab.report;

/** The look of a report, for light and dark screens. */
final class Style {
  static final String CSS =
      """
      :root { color-scheme: light dark; --paper: #fbfbf9; --panel: #ffffff; --ink: #1c1d1f;
        --soft: #64666b; --line: #e2e2dd; --on: #1668b8; --off: #c4531a; --save: #7a52c7;
        --load: #12826f; --send: #b07d14; --commit: #3b6f2b; --rest: #b4b5b0; --alarm: #b3261e; }
      @media (prefers-color-scheme: dark) {
        :root { --paper: #141518; --panel: #1c1e22; --ink: #e9e9e6; --soft: #a0a2a7;
          --line: #34373d; --on: #64b1f5; --off: #f29461; --save: #ab8cf0; --load: #45c0a9; --send: #e0b050; --commit: #8cc46f;
          --rest: #5d6068; --alarm: #f2857e; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--paper); color: var(--ink);
        font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
      main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; }
      h1 { font-size: 30px; margin: 0 0 4px; letter-spacing: -0.01em; }
      h2 { font-size: 20px; margin: 0 0 4px; }
      h3 { font-size: 15px; margin: 14px 0 6px; font-weight: 600; }
      p { margin: 4px 0 10px; }
      .facts, .note { color: var(--soft); }
      code { display: inline-block; max-width: 100%; overflow-wrap: anywhere;
        background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
        padding: 3px 8px; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
      section { margin-top: 30px; }
      section:not(.cards) { background: var(--panel); border: 1px solid var(--line);
        border-radius: 10px; padding: 18px 20px; }
      .problems { border-color: var(--alarm) !important; }
      .problems h2 { color: var(--alarm); }
      .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(265px, 1fr));
        gap: 14px; margin-top: 20px; }
      .card { background: var(--panel); border: 1px solid var(--line); border-radius: 10px;
        padding: 4px 16px 14px; display: flex; flex-direction: column; }
      .card h3 { flex: 1; }
      .measure { color: var(--soft); font-size: 13px; margin-top: 8px; }
      .medians { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
      .median-of b { display: block; font-size: 21px; font-weight: 600; line-height: 1.2;
        font-variant-numeric: tabular-nums; }
      .median-of small { color: var(--soft); }
      .median-of.on b { color: var(--on); }
      .median-of.off b { color: var(--off); }
      svg { display: block; width: 100%; height: auto; overflow: visible; }
      svg text { font: 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
      svg .heading { font-weight: 600; }
      svg .tick, svg .axis { fill: var(--soft); font-size: 12px; text-anchor: middle; }
      svg .value { fill: var(--ink); font-variant-numeric: tabular-nums; }
      svg .series { text-anchor: end; font-weight: 600; }
      svg .series.on { fill: var(--on); }
      svg .series.off { fill: var(--off); }
      svg .row { text-anchor: end; font-size: 11px; fill: var(--soft); }
      svg .amount { text-anchor: end; font-size: 11px; fill: var(--soft);
        font-variant-numeric: tabular-nums; }
      svg .subject { fill: var(--ink); font-weight: 700; }
      .grid { stroke: var(--line); stroke-width: 1; }
      .grid.minor { stroke-dasharray: 1 4; }
      .dot { fill-opacity: 0.62; }
      .column.on { fill: var(--on); }
      .column.off { fill: var(--off); }
      svg .note { font-size: 11px; fill: var(--soft); }
      .dot.on, .half.on { fill: var(--on); }
      .dot.off, .half.off { fill: var(--off); }
      .half { fill-opacity: 0.16; }
      .median { stroke-width: 3; stroke-linecap: round; }
      .median.on { stroke: var(--on); }
      .median.off { stroke: var(--off); }
      .end { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 3 3; }
      .bar.save, .swatch.save { fill: var(--save); background: var(--save); }
      .bar.send, .swatch.send { fill: var(--send); background: var(--send); }
      .bar.commit, .swatch.commit { fill: var(--commit); background: var(--commit); }
      .bar.load, .swatch.load { fill: var(--load); background: var(--load); }
      .bar.source, .swatch.source { fill: var(--rest); background: var(--rest); }
      .bar.destination, .swatch.destination { fill: var(--soft); background: var(--soft); }
      .swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px;
        margin: 0 5px 0 2px; }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr));
        gap: 14px 28px; }
      figure { margin: 0; overflow-x: auto; }
      figure svg { min-width: 500px; }
      figcaption { color: var(--soft); font-size: 13px; margin-bottom: 6px; }
      .tag { border-radius: 9px; padding: 1px 8px; font-size: 12px; font-weight: 600;
        color: var(--panel); }
      .tag.on { background: var(--on); }
      .tag.off { background: var(--off); }
      .wide { overflow-x: auto; }
      .wide svg { min-width: 860px; }
      table { border-collapse: collapse; font-size: 13px; width: 100%; }
      th { text-align: left; color: var(--soft); font-weight: 500; vertical-align: bottom; }
      th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); }
      .number { font-variant-numeric: tabular-nums; white-space: nowrap; text-align: right; }
      th.number { white-space: normal; }
      th, td { padding-left: 8px; }
      th:first-child, td:first-child { padding-left: 0; }
      """;

  private Style() {}
}
