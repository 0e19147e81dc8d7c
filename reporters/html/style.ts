/** Colours as data, so that a test can hold every pair of text and ground against the contrast of WCAG 2.1 AA. */
export interface Palette {
  readonly ground: string;
  readonly raised: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly good: string;
  readonly bad: string;
  readonly spoilt: string;
  readonly doubt: string;
  readonly unseen: string;
  readonly bar: string;
  readonly late: string;
}

export const light: Palette = {
  ground: '#ffffff',
  raised: '#f5f6f7',
  ink: '#15191e',
  soft: '#4f5965',
  line: '#d5d9de',
  good: '#0f6a32',
  bad: '#b01525',
  spoilt: '#6a35a8',
  doubt: '#7a4a00',
  unseen: '#0b5394',
  bar: '#7d93a8',
  late: '#b01525',
};

export const dark: Palette = {
  ground: '#14181d',
  raised: '#1d2329',
  ink: '#e7eaee',
  soft: '#a4afbb',
  line: '#38414b',
  good: '#5fd08a',
  bad: '#ff8a80',
  spoilt: '#cfa8ff',
  doubt: '#e9b44c',
  unseen: '#82bdf5',
  bar: '#7189a1',
  late: '#ff8a80',
};

const variables = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';');

export const style = `
:root{color-scheme:light dark;${variables(light)}}
@media (prefers-color-scheme:dark){:root{${variables(dark)}}}
@media print{:root{color-scheme:light;${variables(light)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
dd,td,p,li,.again code{overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:32px 28px 72px}
h1,h2,h3,p,dl,dd,ul,pre{margin:0}
h2{font-size:20px;line-height:1.3;margin:48px 0 4px;letter-spacing:-.005em}
h3{font-size:15px;line-height:1.4}
h2+.lead{margin-bottom:14px}
.lead,.soft{color:var(--soft)}
code,.id{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.9em}
.pass{--tone:var(--good)}.fail{--tone:var(--bad)}.invalid{--tone:var(--spoilt)}.undecided{--tone:var(--doubt)}.not-verified{--tone:var(--unseen)}.waived,.excluded,.shown{--tone:var(--soft)}
.status{color:var(--tone);font-weight:600;white-space:nowrap}
.status i{display:inline-block;width:1.2em;font-style:normal;font-weight:700}
.verdict{border-left:10px solid var(--tone);padding:2px 0 2px 24px}
.verdict p.eyebrow{color:var(--soft);margin:0}
.verdict h1{font-size:76px;line-height:1.05;font-weight:750;letter-spacing:-.03em;color:var(--tone);margin:2px 0 8px}
.verdict h1 .mark{margin-right:.16em}
.verdict .headline{font-size:20px;line-height:1.4;max-width:46em}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:14px 28px;margin:28px 0 0;padding:16px 0;border:solid var(--line);border-width:1px 0}
.facts dt{font-size:13px;color:var(--soft)}
.facts dd{font-weight:550}
.counts{display:flex;flex-wrap:wrap;gap:8px 28px;list-style:none;padding:0;margin:16px 0 0}
.counts b{font-size:22px;font-weight:650;margin-right:.3em}
.reach{margin:14px 0 0;padding-left:20px}
.case{border:1px solid var(--line);border-left:5px solid var(--tone);border-radius:3px;padding:14px 18px 16px;margin:12px 0;break-inside:avoid}
.case header{display:flex;flex-wrap:wrap;gap:0 14px;align-items:baseline}
.case .claim{margin:2px 0 10px}
.case dl{display:grid;grid-template-columns:7.6em 1fr 5em 1fr;gap:2px 14px;margin:8px 0 0;padding-top:8px;border-top:1px solid var(--line)}
.case dt{color:var(--soft)}
.case dd.why{font-weight:550}.case dt.row{color:var(--ink)}.case dt.row+dd,.case dd.why{grid-column:2/-1}
.whole{display:inline-block;min-width:6.5em}
.spare{margin-top:14px}.under{display:block;color:var(--soft)}
.case figure,.case .finding{margin:12px 0 0}
.again{margin-top:12px;padding:8px 12px;background:var(--raised);border-radius:3px}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:7px 14px 7px 0;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:13px;font-weight:550;color:var(--soft);border-bottom-color:var(--soft);padding-bottom:4px}
tbody th{font-weight:inherit}
td.n,th.n{text-align:right;white-space:nowrap}
tr.check>*{border-bottom:0;padding-top:12px;padding-bottom:0}
tr.check .claim{color:var(--soft)}
tr.row>:first-child{padding-left:1.35em}
.id{font-weight:600}
.target table{table-layout:fixed}.target .named{display:block;font-weight:600}
.target th:nth-child(1){width:16%}.target th:nth-child(2){width:11.5%}.target th:nth-child(3){width:14%}.target th:nth-child(4){width:12%}.target th:nth-child(5){width:7%}.target .status{display:block}
figure{margin:0}
.plot{display:block;width:100%;max-width:400px;height:auto;overflow:visible;color:var(--ink);font-size:11px}
.plot text{fill:var(--soft);paint-order:stroke;stroke:var(--ground);stroke-width:3px;stroke-linejoin:round}.plot .strong{fill:var(--ink);font-weight:600}
.plot .bars{fill:var(--bar)}.plot .late{fill:url(#hatch);stroke:var(--late);stroke-width:.7}
.plot .axis{stroke:var(--soft);stroke-width:1}.plot .limit{stroke:var(--ink);stroke-width:2}.plot .mark{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 2}.plot .span{stroke:var(--ink);stroke-width:2.5}.plot .dot{fill:var(--ink)}
.hatch{position:absolute;width:0;height:0}.hatch rect{fill:var(--ground)}.hatch path{stroke:var(--late);stroke-width:1.6}
details{border-bottom:1px solid var(--line)}
summary{cursor:pointer;padding:9px 0;font-weight:600}
summary .soft{font-weight:400}
.filter{display:flex;flex-wrap:wrap;gap:8px 18px;align-items:center;margin:6px 0 10px}
.filter input[type=search]{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:3px;padding:5px 10px;width:19em;max-width:100%}
[hidden]{display:none!important}
:focus-visible{outline:3px solid var(--unseen);outline-offset:2px}
footer{margin-top:56px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:13px}
.skip{position:absolute;left:-99em}.skip:focus{left:8px;top:8px;background:var(--ground);padding:6px 12px}
@media screen and (max-width:760px){
main{padding:20px 16px 48px}.verdict{padding-left:16px;border-left-width:7px}.verdict h1{font-size:50px}.verdict .headline{font-size:17px}
.facts{grid-template-columns:repeat(2,1fr)}
.case dl{grid-template-columns:6.6em 1fr}
thead{position:absolute;left:-99em}
table,tbody,tr,th,td{display:block}.target th:nth-child(n){width:auto}
th,td{border:0;padding:1px 0}td.n{text-align:left}
tr{padding:10px 0;border-bottom:1px solid var(--line)}tr.check{border:0;padding-bottom:0}tr.row{padding-top:4px}tr.row>:first-child{padding-left:0}
td[data-l]::before{content:attr(data-l) " ";color:var(--soft)}
}
@media print{
.target th:nth-child(5){width:9.5%}
body{font-size:10pt}main{max-width:none;padding:0}h2{margin-top:22pt;break-after:avoid}tr,figure{break-inside:avoid}.filter,.skip{display:none}
.verdict,.case,.plot .late{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit}
}
`.trim();
