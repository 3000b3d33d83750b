// Which answers flipped between two systems or two runs, grouped by the cause of the failing side.
const FLIPS_SHOWN = 30;

function startCompare(source, meta) {
  const form = byId("compare-form");
  if (!form) return { set: async () => {} };

  let asked = 0;

  async function show(keepRoute) {
    const [a, b] = [Number(form.elements.a.value), Number(form.elements.b.value)];
    const turn = (asked += 1);
    const found = await source.flips(a, b);
    if (turn !== asked) return;
    const [from, to] = [meta.labels[a], meta.labels[b]];
    const count = (direction) =>
      found.groups.filter((g) => g.direction === direction).reduce((sum, g) => sum + (g.count ?? g.items.length), 0);
    const summary = `Of ${found.both.toLocaleString("en")} questions both were asked, ${to} gets ${count("won")} right that ${from} does not, and loses ${count("lost")} that ${from} gets right.`;
    replace(byId("compare-count"), document.createTextNode(visible(summary)));
    say(summary);
    replace(byId("compare-groups"), ["lost", "won"].map((direction) => flipped(found.groups, direction, from, to, meta)));
    if (!keepRoute) history.replaceState(null, "", `#/compare?a=${a}&b=${b}`);
  }

  form.addEventListener("change", () => show(false));
  form.addEventListener("submit", (event) => event.preventDefault());
  return {
    set(parameters) {
      form.elements.a.value = parameters.a ?? meta.pair[0];
      form.elements.b.value = parameters.b ?? meta.pair[1];
      return show(true);
    },
  };
}

function flipped(groups, direction, from, to, meta) {
  const chosen = groups.filter((g) => g.direction === direction);
  const title = direction === "lost" ? `${from} right, ${to} not` : `${to} right, ${from} not`;
  if (!chosen.length) return el("div", {}, el("h3", {}, title), el("p", { class: "faint" }, "None."));
  return el("div", {}, el("h3", {}, title), chosen.map((group) => {
    const count = group.count ?? group.items.length;
    const cause = group.cause ? meta.causes[group.cause - 1][1] : "no cause known from the scores";
    const items = group.items.slice(0, FLIPS_SHOWN).map(([id, question]) =>
      el("li", {}, el("a", { href: itemLink(id), dir: "auto" }, (question || id).slice(0, 200))));
    if (count > items.length) items.push(el("li", { class: "faint" }, `and ${count - items.length} more`));
    return el("details", {}, el("summary", {}, `${count} × ${cause}`), el("ul", {}, items));
  }));
}
