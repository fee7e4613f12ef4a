/**
 * Reads the streams every two seconds while the page is visible. Texts are set as text, never
 * as markup; the token stays in this tab. Written for the browser, so it is a string here.
 */
export const script = `
'use strict';
const $ = (id) => document.getElementById(id);
const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const tone = { live: 'good', connecting: 'wait', backing_off: 'wait', stalled: 'bad', failed: 'bad' };
const count = (n) => n.toLocaleString();
const percent = (ratio) => (100 * ratio).toFixed(1) + ' %';
const dropped = (reasons) => {
  const some = Object.entries(reasons).filter(([, n]) => n > 0);
  const total = some.reduce((sum, [, n]) => sum + n, 0);
  return some.length ? count(total) + ' (' + some.map(([why, n]) => why + ' ' + count(n)).join(', ') + ')' : '0';
};
const facts = (s) => [
  ['Size', s.native && s.native.width + ' × ' + s.native.height],
  ['Frames per second', s.framesPerSecond.toFixed(1)],
  ['Frames classified', count(s.framesClassified) + ' of ' + count(s.framesReceived)],
  ['Frames dropped', dropped(s.framesDropped)],
  ['Age, 99 of 100 under', s.ageP99Seconds === undefined ? undefined : Math.round(1000 * s.ageP99Seconds) + ' ms'],
  ['Agreement', s.agreement === undefined ? undefined : percent(s.agreement)],
  ['Adapter', s.adapter && s.adapter.digest.slice(0, 12) + ' for ' + s.adapter.resolution],
  ['Last frame', s.lastFrameAt && new Date(s.lastFrameAt).toLocaleTimeString()],
  ['Source', s.source],
];
const card = (s) => {
  const article = make('article');
  const state = s.paused ? 'paused' : s.state.replace('_', ' ');
  const title = make('h2', '', s.name);
  title.append(make('span', 'state ' + (s.paused ? '' : tone[s.state] || ''), state));
  article.append(title);
  if (s.reason) article.append(make('p', 'reason', s.reason));
  if (s.lastPrediction) {
    article.append(make('p', 'prediction', s.lastPrediction.label + ' ' + percent(s.lastPrediction.probability)));
  }
  const list = make('dl');
  for (const [name, value] of facts(s)) {
    if (value !== undefined && value !== null && value !== '') list.append(make('dt', '', name), make('dd', '', value));
  }
  article.append(list);
  return article;
};
const say = (text, bad) => {
  $('summary').textContent = text;
  $('summary').className = bad ? 'bad' : '';
};
const show = (streams) => {
  const live = streams.filter((s) => s.state === 'live' && !s.paused).length;
  say(live + ' of ' + streams.length + ' streams live', false);
  $('streams').replaceChildren(...streams.map(card));
};
let token = sessionStorage.getItem('token');
const read = async () => {
  const headers = token ? { authorization: 'Bearer ' + token } : {};
  const response = await fetch('/api/v1/streams', { headers, signal: AbortSignal.timeout(5000) });
  $('login').hidden = response.status !== 401;
  if (response.ok) return show((await response.json()).streams);
  $('streams').replaceChildren();
  say(response.status === 401 ? (token ? 'This token is wrong' : 'A token is needed') : 'The daemon answers ' + response.status, true);
};
const refresh = () => read().catch(() => say('The daemon does not answer; figures are old', true));
$('login').addEventListener('submit', (event) => {
  event.preventDefault();
  token = $('token').value.trim();
  sessionStorage.setItem('token', token);
  refresh();
});
setInterval(() => { if (!document.hidden && $('login').hidden) refresh(); }, 2000);
document.addEventListener('visibilitychange', refresh);
refresh();
`;
