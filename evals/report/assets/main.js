// Starts the page: theme first, then what needs the answers.
function startTheme() {
  const button = byId("theme");
  const root = document.documentElement;
  const dark = () => root.dataset.theme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const update = () => { button.textContent = dark() ? "Light theme" : "Dark theme"; };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    update();
  });
  update();
}

function startProgress(source) {
  const place = byId("progress");
  if (!place || !source.progress) return;
  const show = async () => {
    const runs = await source.progress();
    place.hidden = !runs.length;
    replace(byId("progress-rows"), runs.map((run) => el("tr", {},
      el("th", { scope: "row" }, bdi(run.run)),
      el("td", {}, el("progress", { max: run.items, value: run.answered, "aria-label": `answered by ${run.run}` }), ` ${run.answered} of ${run.items}`),
      el("td", {}, run.state === "interrupted" ? "interrupted" : run.rate === null ? "–" : `${run.rate.toFixed(2)} a second`),
      el("td", {}, run.left === null || run.resume ? "–" : `${Math.ceil(run.left / 60)} min`),
      el("td", {}, run.resume ? ["resume: ", el("code", {}, run.resume)]
        : run.scores.length ? run.scores.join("; ") : "not scored yet"))));
  };
  show();
  setInterval(show, 3000);
}

function start() {
  const meta = JSON.parse(byId("meta").textContent);
  const source = meta.served ? serverSource() : fileSource(meta);
  startTheme();
  startBoard();
  startProgress(source);
  if (!byId("answers-form")) return;
  const answers = startAnswers(source, meta);
  const compare = startCompare(source, meta);
  const item = startItem(source, meta);

  async function follow() {
    const route = parseRoute();
    if (route.view === "item") {
      await item.open(route.id);
      return;
    }
    item.close();
    if (route.view === "answers") await answers.set(route.parameters);
    if (route.view === "compare") await compare.set(route.parameters);
    if (["answers", "compare"].includes(route.view)) byId(route.view).scrollIntoView();
  }

  addEventListener("hashchange", follow);
  const first = parseRoute().view;
  const ready = [follow()];
  if (first !== "answers") ready.push(answers.show(true));
  if (first !== "compare") ready.push(compare.set({}));
  Promise.all(ready).then(() => { document.body.dataset.ready = "1"; });
}

start();
