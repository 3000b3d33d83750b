// The leaderboard: rows are in the page already; sorting moves them, filtering hides them.
function startBoard() {
  const table = byId("board");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const choices = ["suite", "track", "system", "metric", "measured"].map((name) => byId(`board-${name}`));

  function filter() {
    const wanted = choices.map((choice) => [choice.dataset.key, choice.value]);
    let shown = 0;
    for (const row of rows) {
      const fits = wanted.every(([key, value]) =>
        value === "" || (value === "*headline" ? row.dataset.headline === "1" : row.dataset[key] === value));
      row.hidden = !fits;
      shown += fits;
    }
    say(`${shown} leaderboard rows`);
  }

  function sort(button) {
    const header = button.closest("th");
    const down = header.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", down ? "descending" : "ascending");
    const column = header.cellIndex;
    const key = (row) => {
      const raw = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      return raw === "" ? null : Number.isNaN(Number(raw)) ? raw : Number(raw);
    };
    const order = (a, b) => {
      if (a === null || b === null) return (a === null) - (b === null);
      const ahead = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
      return down ? -ahead : ahead;
    };
    rows.sort((a, b) => order(key(a), key(b)));
    body.append(...rows);
  }

  for (const choice of choices) choice.addEventListener("change", filter);
  for (const button of table.tHead.querySelectorAll("button")) button.addEventListener("click", () => sort(button));
}
