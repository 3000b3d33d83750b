// One item: the question with its gold, every system's answer side by side, and what is known about each.
function startItem(source, meta) {
  const dialog = byId("item");
  let back = null;
  let address = "";

  async function open(id) {
    address = location.hash;
    const turn = address;
    if (!dialog.open) {
      back = document.activeElement;
      dialog.showModal();
    }
    replace(byId("item-body"), el("p", {}, "Reading…"));
    const found = await source.item(id);
    if (turn !== address) return;
    if (found === null) {
      replace(byId("item-body"), el("p", {}, "No answer to this item is here: ", bdi(id)), missing(meta));
      return;
    }
    replace(byId("item-title"), bdi(found.item.question ? "Question" : found.item.id));
    replace(byId("item-body"), itemHead(found.item), el("div", { class: "answers" },
      found.answers.map((answer, s) => answerCard(meta.labels[s], answer, found, meta))));
    dialog.scrollTop = 0;
  }

  dialog.addEventListener("close", () => {
    if (location.hash === address) history.replaceState(null, "", "#/answers");
    if (back && back.focus) back.focus();
  });
  byId("item-close").addEventListener("click", () => dialog.close());
  byId("item-link").addEventListener("click", async () => {
    await navigator.clipboard.writeText(location.href);
    say("Link copied");
  });
  return { open, close: () => dialog.open && dialog.close() };
}

const missing = (meta) => el("p", { class: "faint" }, meta.sampled ? "This file holds a sample; `adaptbench view` shows all." : "");

function itemHead(item) {
  const gold = (item.gold || []).map(([name, value, stale]) =>
    el("span", { class: "gold-slot" }, `${name} = `, bdi(value), stale.length ? el("span", { class: "faint" }, ` (superseded: ${stale.join(", ")})`) : null));
  const facts = [
    ["suite / track", `${words(item.suite)} / ${words(item.track)}`],
    ["gold", item.answerable === false ? "unanswerable: the right answer is to say so" : gold.length ? gold : null],
    ["references", item.references ? item.references.join(" · ") : null],
    ["gold passages", item.documents ? [...item.documents, ...(item.also || [])].join(", ") : null],
    ["choices", item.choices ? item.choices.join(" · ") : null],
    ["asked by", item.user],
    ["stress", item.stress],
    ["trap", item.trap],
    ["fact changed after training", item.changed === undefined ? null : item.changed ? "yes" : "no"],
    ["cluster", item.cluster],
    ["id", item.id],
  ].filter(([, value]) => value !== null && value !== undefined);
  return el("div", {},
    el("blockquote", { dir: "auto", class: "question" }, item.question || "This run was stored without its questions."),
    el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)])));
}

function answerCard(label, answer, found, meta) {
  if (answer === null) return el("article", { class: "card" }, el("h3", {}, bdi(label)), el("p", { class: "faint" }, "not asked"));
  const why = meta.causes.find(([name]) => name === answer.cause);
  return el("article", { class: "card" },
    el("h3", {}, bdi(label), " ", answer.outcome ? badge(answer.outcome) : null),
    why ? el("p", { class: "cause" }, `Why: ${why[1]}`) : null,
    answer.differs ? el("p", { class: "cause" }, answer.differs) : null,
    answer.error ? el("p", { class: "cause" }, `Error ${answer.error[0]}: ${answer.error[1]}`) : null,
    el("div", { class: "text", dir: "auto", tabindex: "0", role: "region", "aria-label": `Answer of ${label}` }, highlighted(answer.text, answer.marked || [])),
    (answer.marked || []).length ? el("p", { class: "faint" }, "Marked: not supported by any passage, made up, or superseded.") : null,
    passages(answer, found),
    scores(answer),
    costs(answer));
}

function highlighted(text, spans) {
  const parts = [];
  let rest = text;
  while (rest) {
    const places = spans.map((s) => [rest.indexOf(s), s]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
    if (!places.length) break;
    const [at, span] = places[0];
    parts.push(rest.slice(0, at), el("mark", {}, span));
    rest = rest.slice(at + span.length);
  }
  return [...parts, rest];
}

function passages(answer, found) {
  if (!answer.passages) return null;
  const gold = new Set([...(found.item.documents || []), ...(found.item.also || [])]);
  const shown = answer.passages.map(([number, score], rank) => {
    const [, document_, text] = found.passages[number];
    const right = gold.has(document_);
    return el("li", { class: right ? "passage gold" : "passage" },
      el("strong", {}, `${rank + 1}. `, bdi(document_), right ? " — gold passage" : ""), el("span", { class: "faint" }, ` score ${score}`),
      el("div", { dir: "auto", class: "body", tabindex: "0", role: "group", "aria-label": `Text of passage ${rank + 1}` }, text));
  });
  const hit = answer.passages.some(([number]) => gold.has(found.passages[number][1]));
  const summary = !gold.size ? "" : hit ? ", gold among them" : ", gold not among them";
  return el("details", { open: true }, el("summary", {}, `${shown.length} retrieved passage${shown.length === 1 ? "" : "s"}${summary}`), el("ol", { class: "passages" }, shown));
}

function scores(answer) {
  const rows = Object.entries(answer.scores || {}).map(([name, [value, reason, detail]]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value === null || value === undefined ? `unscored: ${words(reason || "")}` : String(value)),
      el("td", { class: "faint", dir: "auto" }, detail || "")));
  if (!rows.length) return el("p", { class: "faint" }, "Not scored yet.");
  return el("details", {}, el("summary", {}, `${rows.length} scores`), el("table", { class: "small" }, el("tbody", {}, rows)));
}

function costs(answer) {
  const parts = [];
  if (answer.usage) parts.push(`${answer.usage[0]} tokens in (${answer.usage[1]} cached), ${answer.usage[2]} out`);
  if (answer.timings) {
    const [pass, ...stages] = answer.timings;
    const names = ["retrieve", "queue", "prefill", "decode", "total"];
    parts.push(`${names.map((n, k) => `${n} ${(stages[k] * 1000).toFixed(0)} ms`).join(", ")} (${pass} pass)`);
  }
  if (answer.logprob !== undefined) parts.push(`mean token log-probability ${answer.logprob}`);
  if (answer.finish) parts.push(`ended by ${answer.finish}`);
  return parts.length ? el("p", { class: "faint" }, parts.join(" · ")) : null;
}
