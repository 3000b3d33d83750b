// Answers that travel inside the file: deflated JSON in base64, inflated when needed.
async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function fileSource(meta) {
  const blocks = new Map();
  const block = (name) => {
    if (!blocks.has(name)) blocks.set(name, inflate(byId(`block-${name}`).textContent));
    return blocks.get(name);
  };
  let prepared = null;

  async function index() {
    if (prepared) return prepared;
    const found = await block("index");
    const place = new Map(found.id.map((id, row) => [id, row]));
    const lower = found.id.map((id, row) =>
      [id, found.question[row] || "", ...found.text.map((column) => column[row])].join("\n").toLowerCase());
    prepared = { ...found, place, lower };
    return prepared;
  }

  function fits(data, wanted, row) {
    if (wanted.suite !== undefined && data.suite[row] !== wanted.suite) return false;
    if (wanted.track !== undefined && data.track[row] !== wanted.track) return false;
    if (wanted.q && !data.lower[row].includes(wanted.q)) return false;
    if (wanted.system === undefined && !wanted.outcome && !wanted.cause) return true;
    const systems = wanted.system === undefined ? meta.labels.keys() : [wanted.system];
    for (const s of systems) {
      const outcome = data.outcome[s][row];
      if (!outcome) continue;
      if (wanted.outcome && outcome !== wanted.outcome) continue;
      if (wanted.cause && data.cause[s][row] !== wanted.cause) continue;
      return true;
    }
    return false;
  }

  const shown = (data, row) => ({
    id: data.id[row],
    suite: data.suite[row],
    track: data.track[row],
    question: data.question[row],
    cells: meta.labels.map((_, s) => [data.outcome[s][row], data.cause[s][row], data.text[s][row]]),
  });

  return {
    async query(wanted, offset, limit) {
      const data = await index();
      const rows = [];
      for (let row = 0; row < data.id.length; row += 1) if (fits(data, wanted, row)) rows.push(row);
      return { total: rows.length, rows: rows.slice(offset, offset + limit).map((row) => shown(data, row)) };
    },

    async item(id) {
      const data = await index();
      const row = data.place.get(id);
      if (row === undefined) return null;
      const found = (await block(`d${Math.floor(row / meta.perBlock)}`))[row % meta.perBlock];
      const numbers = new Set(found.answers.flatMap((a) => (a && a.passages ? a.passages.map((p) => p[0]) : [])));
      const passages = {};
      for (const n of numbers) {
        passages[n] = (await block(`p${Math.floor(n / meta.passagesPerBlock)}`))[n % meta.passagesPerBlock];
      }
      return { ...found, passages };
    },

    async flips(a, b) {
      const data = await index();
      const groups = new Map();
      let both = 0;
      for (let row = 0; row < data.id.length; row += 1) {
        const [was, is] = [data.outcome[a][row], data.outcome[b][row]];
        if (!was || !is) continue;
        both += 1;
        const [fell, rose] = [was === meta.right && is !== meta.right, was !== meta.right && is === meta.right];
        if ((!fell && !rose) || meta.unjudged.includes(was) || meta.unjudged.includes(is)) continue;
        const cause = fell ? data.cause[b][row] : data.cause[a][row];
        const key = `${fell ? "lost" : "won"}|${cause}`;
        if (!groups.has(key)) groups.set(key, { direction: fell ? "lost" : "won", cause, items: [] });
        groups.get(key).items.push([data.id[row], data.question[row]]);
      }
      return { both, groups: [...groups.values()].sort((x, y) => y.items.length - x.items.length) };
    },
  };
}
