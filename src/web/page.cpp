#include "page.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/text/escape.hpp"

namespace earshot {
namespace {

constexpr std::string_view kStyle =
    R"(:root{color-scheme:light dark;--bg:light-dark(#f5f3ee,#121417);--card:light-dark(#fffefb,#1a1d21);--line:light-dark(#dcd7cb,#2e333a);
--ink:light-dark(#1e1b16,#e8e4db);--ink2:light-dark(#565046,#b7b1a5);--page:light-dark(#b02418,#ff9483);--queue:light-dark(#7f5200,#efbd5c);--btn:light-dark(#0d5860,#1f747e)}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.45 system-ui,sans-serif}
header,main{max-width:52rem;margin:0 auto;padding:1rem}header h1{font:600 1.1rem ui-serif,Georgia,serif;margin:0}
#state{color:var(--ink2);font-size:.875rem}ul{list-style:none;margin:0;padding:0}
li{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--line);border-radius:8px;padding:.75rem 1rem;margin:.5rem 0;overflow-wrap:anywhere}
li.page{border-left-color:var(--page)}li.queue{border-left-color:var(--queue)}
.words{font:1.0625rem/1.45 ui-serif,Georgia,serif;margin:.35rem 0}.meta,.why{color:var(--ink2);font-size:.875rem}.u{font-weight:600}
.page .u{color:var(--page)}.queue .u{color:var(--queue)}
#warn{background:var(--card);border:2px solid var(--page);border-radius:8px;padding:.75rem 1rem;margin:0 0 1rem;overflow-wrap:anywhere;white-space:pre-line}
button{margin-top:.5rem;font:inherit;min-height:44px;padding:.4rem 1rem;border:0;border-radius:8px;background:var(--btn);color:#fff}.big{font-size:1.25rem}
)";

constexpr std::string_view kScript = R"('use strict';
const list = document.getElementById('cases'), state = document.getElementById('state'), head = document.getElementById('head');
const rows = new Map();
const el = (tag, cls, text) => { const e = document.createElement(tag); if (cls) e.className = cls; if (text !== undefined) e.textContent = text; return e; };
const told = people => people.join(', ') + (people.length > 1 ? ' were told' : ' was told');
const when = text => { const at = new Date(text), time = {hour: '2-digit', minute: '2-digit'};
  return at.toDateString() === new Date().toDateString() ? at.toLocaleTimeString([], time) : at.toLocaleString([], {day: 'numeric', month: 'short', ...time}); };
function draw(c) {
  const ended = ['closed', 'dismissed', 'merged'].includes(c.state);
  let li = rows.get(c.id);
  if (ended || c.urgency === 'digest') { if (li) { li.remove(); rows.delete(c.id); } headline(); return; }
  if (!li) { li = el('li'); rows.set(c.id, li); list.append(li); }
  li.className = c.urgency; li.dataset.owner = c.owner ? c.owner.name : ''; li.dataset.urgency = c.urgency;
  const meta = el('div', 'meta');
  meta.append(el('span', 'u', c.urgency === 'page' ? '\u25C6 Page' : '\u25B2 Queue'),
    ` \u00B7 case ${c.number} \u00B7 ${c.customer.name || 'somebody'} on ${c.customer.channel} \u00B7 ${c.owner ? c.owner.name + ' has it' : c.waiting ? told(c.waiting.people) : 'nobody has it'}`);
  const due = c.clock && c.clock.due ? ` \u00B7 ${c.clock.kind.replace('_', ' ')} ${c.clock.state === 'missed' ? 'late since' : 'due'} ${when(c.clock.due)}` : '';
  meta.append(due);
  li.replaceChildren(meta, el('div', 'words', c.excerpt), el('div', 'why', c.why.map(w => w.text).join(' ')));
  if (c.actions && c.actions.ack && c.actions.ack.ok) {
    const b = el('button', '', 'Acknowledge'); b.setAttribute('aria-label', `Acknowledge case ${c.number}`);
    b.onclick = async () => { b.disabled = true; b.textContent = 'Sending\u2026';
      const r = await fetch(`/api/v1/cases/${c.id}/ack`, {method: 'POST', headers: headers()}); const j = await r.json();
      if (r.ok) draw(j); else { b.disabled = false; b.textContent = 'Acknowledge'; li.append(el('div', 'why', 'Not acknowledged: ' + j.error.text)); } };
    li.append(b);
  }
  headline();
}
function headline() {
  const all = [...rows.values()], pages = all.filter(r => r.dataset.urgency === 'page' && !r.dataset.owner).length, un = all.filter(r => !r.dataset.owner).length;
  head.textContent = pages ? `${pages} page${pages > 1 ? 's wait' : ' waits'} for somebody.` : un ? `No pages. ${un} case${un > 1 ? 's wait' : ' waits'} for an owner.` : warn.hidden ? 'All quiet. Every case has an owner.' : 'Every case has an owner.';
  document.title = (pages ? `(${pages}) ` : '') + 'Earshot';
}
// What is wrong with Earshot itself stands above everything: no source is read, the disk is full, safe mode.
const warn = document.getElementById('warn');
async function look() {
  try { const r = await fetch('/-/ready'); warn.textContent = (await r.text()).replace('Earshot is ready.\n', '').trim(); warn.hidden = !warn.textContent; if (head.textContent) headline(); } catch (e) { }
}
let token = sessionStorage.getItem('token') || '';
const headers = () => token ? {Authorization: 'Bearer ' + token} : {};
async function load() {
  let r = await fetch('/api/v1/cases?limit=200', {headers: headers()});
  if (r.status === 401) { const form = document.getElementById('sign'); form.hidden = false; state.textContent = 'A token is needed.'; return; }
  if (!r.ok) { state.textContent = 'The cases cannot be read'; setTimeout(load, 5000); return; }
  let page = await r.json(); page.items.forEach(draw);
  while (page.next && rows.size < 1000) { r = await fetch('/api/v1/cases?limit=200&before=' + encodeURIComponent(page.next), {headers: headers()}); if (!r.ok) break; page = await r.json(); page.items.forEach(draw); }
  if (page.next) document.getElementById('more').hidden = false;
  headline(); listen();
}
async function listen() {
  let last = '';
  for (;;) {
    try {
      const r = await fetch('/api/v1/events' + (last ? '?since=' + last : ''), {headers: headers()});
      const reader = r.body.pipeThrough(new TextDecoderStream()).getReader(); let text = ''; state.textContent = '\u25CF Live';
      for (;;) { const {value, done} = await reader.read(); if (done) break; text += value; let end;
        while ((end = text.indexOf('\n\n')) >= 0) { const block = text.slice(0, end); text = text.slice(end + 2); let name = '', data = '';
          for (const line of block.split('\n')) { if (line.startsWith('event: ')) name = line.slice(7); if (line.startsWith('data: ')) data += line.slice(6); if (line.startsWith('id: ')) last = line.slice(4); }
          if (name === 'case') { const c = JSON.parse(data); const full = await fetch('/api/v1/cases/' + c.id, {headers: headers()}); if (full.ok) draw(await full.json()); } } }
    } catch (e) { }
    state.textContent = 'No connection: what you see may be old'; look(); await new Promise(f => setTimeout(f, 2000));
  }
}
document.getElementById('sign').onsubmit = e => { e.preventDefault(); token = document.getElementById('token').value.trim(); sessionStorage.setItem('token', token); document.getElementById('sign').hidden = true; load(); };
look(); setInterval(look, 30000); load();
)";

constexpr std::string_view kPage =
    R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Earshot</title><link rel="stylesheet" href="/assets/plain.css"></head><body><header><h1>Earshot</h1><div id="state" role="status">Connecting</div></header>
<main><p id="warn" role="alert" hidden></p><h2 id="head" aria-live="polite"></h2><form id="sign" hidden><label>Token <input id="token" type="password" autocomplete="current-password"></label> <button>Sign in</button></form>
<ul id="cases"></ul><p id="more" class="why" hidden>More cases are open than this page shows; earshot cases list has all of them.</p></main><script src="/assets/plain.js"></script><noscript>This page needs a script. Signed links and the earshot command work without one.</noscript></body></html>
)";

WebResponse html(int status, const std::string& title, const std::string& body) {
  return {status,
          "text/html; charset=utf-8",
          fmt::format(
              R"(<!doctype html><html lang="en"><head><meta charset="utf-8"><meta )"
              R"(name="viewport" content="width=device-width,initial-scale=1">)"
              R"(<meta name="robots" content="noindex"><title>{}</title><link rel="stylesheet" )"
              "href=\"/assets/plain.css\"></head><body><main>{}</main></body></html>\n",
              title, body),
          {}};
}

}  // namespace

std::string in_html(std::string_view text) {
  return escape_html(printable(text));
}

std::optional<WebResponse> plain_asset(const std::string& path) {
  if (path == "/" || match_path("/cases/{id}", path))
    return WebResponse{
        200, "text/html; charset=utf-8", std::string{kPage}, {{"Cache-Control", "no-cache"}}};
  if (path == "/assets/plain.css")
    return WebResponse{
        200, "text/css; charset=utf-8", std::string{kStyle}, {{"Cache-Control", "no-cache"}}};
  if (path == "/assets/plain.js")
    return WebResponse{200,
                       "text/javascript; charset=utf-8",
                       std::string{kScript},
                       {{"Cache-Control", "no-cache"}}};
  return std::nullopt;
}

WebResponse ack_html(int status, const std::string& body) {
  return html(status, "Earshot", body);
}

}  // namespace earshot
