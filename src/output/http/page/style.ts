/** Colours come in pairs, light and dark; cards wrap down to the width of a phone. */
export const style = `
:root{color-scheme:light dark;--ground:#f6f7f8;--card:#fff;--text:#1a1d21;--dim:#5b6570;--line:#dde2e7;--good:#127a3d;--wait:#8a5a00;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#111417;--card:#1a1e23;--text:#e8ebee;--dim:#9aa5b1;--line:#2c333a;--good:#5fd08b;--wait:#e6b450;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:var(--ground);color:var(--text);font:16px/1.45 system-ui,sans-serif;max-width:76rem;margin-inline:auto}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;margin-bottom:1rem}
h1{font-size:1.25rem;margin:0}
#summary{margin:0;color:var(--dim)}
#summary.bad{color:var(--bad)}
main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(20rem,100%),1fr));gap:1rem}
article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;min-width:0}
h2{font-size:1rem;margin:0 0 .25rem;display:flex;justify-content:space-between;gap:1rem;overflow-wrap:anywhere}
.state{font-weight:600;white-space:nowrap}
.state::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:50%;background:currentColor;margin-right:.4em}
.good{color:var(--good)}.wait{color:var(--wait)}.bad{color:var(--bad)}
.reason{color:var(--dim);margin:0 0 .5rem;overflow-wrap:anywhere;font-size:.875rem}
.prediction{font-size:1.125rem;margin:.25rem 0 .5rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:auto 1fr;gap:.125rem .75rem;margin:0;font-size:.875rem}
dt{color:var(--dim)}
dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
form[hidden]{display:none}
input,button{font:inherit;padding:.4rem .6rem;border:1px solid var(--line);border-radius:.375rem;background:var(--card);color:inherit}
:focus-visible{outline:2px solid var(--good);outline-offset:2px}
`;
