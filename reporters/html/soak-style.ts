/** Only on the page of a soak. */
export const soakStyle = `
.soak svg{display:block;width:100%;height:auto;overflow:visible;font-size:11px;color:var(--ink)}
.soak text{fill:var(--soft)}.soak .strong{fill:var(--ink);font-weight:600}
.soak .axis{stroke:var(--line);stroke-width:1}.soak .load,#soak-load{fill:var(--line);stroke:none;opacity:.6}
.soak .band{fill:var(--bar);fill-opacity:.55;stroke:var(--ink);stroke-width:.8;stroke-linejoin:round}
.soak .limit{stroke:var(--ink);stroke-width:1.5}.soak .ahead{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:6 3;fill:none}
.soak .cone{fill:url(#soak-hatch);stroke:var(--late);stroke-width:.7}
.soak .outage{fill:url(#soak-hatch);stroke:var(--late)}.soak .gap{fill:none;stroke:var(--soft);stroke-dasharray:3 2}
.soak .event{fill:var(--ink);font-weight:700;text-anchor:middle}
.multiples{display:grid;grid-template-columns:repeat(3,1fr);gap:18px 24px;margin:12px 0 0}
.multiples figcaption,.rise figcaption{font-size:13px;line-height:1.35;margin-bottom:4px}
.multiples figure,.rise figure{break-inside:avoid}.rise figure{margin:14px 0 24px}
.hours th,.hours td{padding:2px 14px 2px 0}.hours td.n{font-variant-numeric:tabular-nums}
@media screen and (max-width:760px){.multiples{grid-template-columns:1fr}}
`.trim();
