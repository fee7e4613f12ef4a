/** The report's style: light, dark and on paper; one column on a phone. */
import { customProperties, dark, light } from './palette.ts';

export const style = `
:root{color-scheme:light dark;${customProperties(light)}}
@media screen and (prefers-color-scheme:dark){:root{${customProperties(dark)}}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--ground);color:var(--text);font:16px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.375rem;margin:0 0 .25rem}
h2{font-size:1.125rem;margin:0 0 .75rem}
header{margin-bottom:1rem}
header p{margin:0;max-width:60ch}
.dim,figcaption~p{color:var(--dim);font-size:.875rem;margin:.25rem 0 0}
section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
.blocks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:1rem 1.5rem;align-items:start}
.blocks>*{min-width:0;margin:0}
.blocks>.wide{grid-column:1/-1}
figure{max-width:35rem}
figcaption,caption{text-align:left;font-weight:600;margin-bottom:.25rem}
caption{padding-bottom:.25rem}
svg{display:block}
.plot{width:100%;height:auto;overflow:visible;color:var(--text)}
.legend{display:flex;flex-wrap:wrap;gap:0 1rem;list-style:none;margin:0;padding:0;font-size:.875rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}
tbody th{font-weight:400}
thead th{color:var(--dim);font-weight:600}
.number{text-align:right;white-space:nowrap}
th.number{white-space:normal}
.interval{display:block;color:var(--dim);font-size:.8125rem}
dl{display:grid;grid-template-columns:minmax(6rem,auto) 1fr;gap:.25rem 1rem;font-size:.875rem}
dt{color:var(--dim)}
dd{margin:0;font-variant-numeric:tabular-nums}
details{margin-top:.5rem;font-size:.875rem}
details .scroll{max-height:20rem;overflow-y:auto}
summary{cursor:pointer;color:var(--dim)}
:focus-visible{outline:2px solid var(--series-1);outline-offset:2px}
.caption{font-weight:600;margin:0 0 .25rem}
.filters{display:flex;flex-wrap:wrap;gap:1rem 2rem}
.filters .caption{flex-basis:100%}
.filters figure{flex:1 1 16rem;max-width:24rem;min-width:0;margin:0}
.ramp{display:flex;align-items:center;gap:.5rem;margin:0;font-size:.875rem;font-variant-numeric:tabular-nums}
.bar{flex:1;height:.75rem;border-radius:.25rem;print-color-adjust:exact}
.confusion td{padding:.25rem .75rem;print-color-adjust:exact}
.diagonal{font-weight:600}
.row{display:flex;flex-wrap:wrap;gap:.5rem 1rem;margin-bottom:.75rem}
.row>p{flex-basis:100%}
.row figure{margin:0;max-width:100%;width:min-content;min-width:9.5rem}
.row figcaption{font-weight:400;font-size:.875rem;margin:.125rem 0 0}
.right figcaption{color:var(--good)}
.wrong figcaption{color:var(--bad)}
img{display:block;max-width:100%;height:auto;border-radius:.25rem}
@media print{body{max-width:none;padding:0}section{border:0;padding:0}figure,tr{break-inside:avoid}details{display:none}.scroll{overflow:visible}}
`;
