// The list of answers: filters, search, pages.
const PAGE = 40;

function startAnswers(source, meta) {
  const form = byId("answers-form");
  const fields = ["q", "suite", "track", "system", "outcome", "cause"];
  let page = 0;
  let asked = 0;

  const number = (value) => (value === "" ? undefined : Number(value));
  const read = () => Object.fromEntries(fields.map((name) => [name, form.elements[name].value]));

  async function show(keepRoute) {
    const given = read();
    const turn = (asked += 1);
    const started = performance.now();
    const wanted = {
      q: given.q.trim().toLowerCase(),
      suite: number(given.suite),
      track: number(given.track),
      system: number(given.system),
      outcome: number(given.outcome),
      cause: number(given.cause),
    };
    const found = await source.query(wanted, page * PAGE, PAGE);
    if (turn !== asked) return;
    render(found, meta, page);
    document.body.dataset.filtered = String(Math.round(performance.now() - started));
    if (!keepRoute) routeTo("answers", { ...given, page: String(page) });
  }

  const changed = () => {
    page = 0;
    show(false);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => event.target.name !== "q" && changed());
  form.elements.q.addEventListener("input", later(80, changed));
  byId("answers-back").addEventListener("click", () => { page -= 1; show(false); });
  byId("answers-more").addEventListener("click", () => { page += 1; show(false); });

  return {
    show,
    set(parameters) {
      for (const name of fields) form.elements[name].value = parameters[name] ?? "";
      page = Number(parameters.page) || 0;
      return show(true);
    },
  };
}

function render(found, meta, page) {
  const first = page * PAGE;
  const last = Math.min(found.total, first + PAGE);
  const summary = found.total ? `${first + 1}–${last} of ${found.total.toLocaleString("en")} questions` : "No question fits.";
  replace(byId("answers-count"), document.createTextNode(summary));
  say(summary);
  byId("answers-back").disabled = page === 0;
  byId("answers-more").disabled = last >= found.total;
  replace(byId("answers-rows"), found.rows.map((row) => answerRow(row, meta)));
}

function answerRow(row, meta) {
  const name = row.question || row.id;
  const place = `${words(meta.suites[row.suite])} / ${words(meta.tracks[row.track])}`;
  const link = el("a", { href: itemLink(row.id), dir: "auto" }, name.slice(0, 300));
  return el("tr", {},
    el("th", { scope: "row" }, link, el("div", { class: "faint" }, place)),
    row.cells.map(([outcome, cause, text]) => answerCell(outcome, cause, text, meta)));
}

function answerCell(outcome, cause, text, meta) {
  if (!outcome) return el("td", { class: "faint" }, "not asked");
  return el("td", {},
    badge(meta.outcomes[outcome - 1]),
    cause ? el("span", { class: "faint" }, ` ${words(meta.causes[cause - 1][0])}`) : null,
    el("div", { class: "snippet", dir: "auto" }, text.slice(0, 160)));
}

const SIGNS = { right: "✓", partial: "◐", abstained: "○", wrong: "✗", error: "⚠", unscored: "–", timed: "⏱" };
const badge = (outcome) => el("span", { class: `badge ${outcome}` }, `${SIGNS[outcome]} ${outcome}`);
