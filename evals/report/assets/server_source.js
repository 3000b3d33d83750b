// Answers that a local `adaptbench view` serves: the same questions, asked over loopback.
function serverSource() {
  async function ask(path, parameters) {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
    const answer = await fetch(`${path}?${new URLSearchParams(given)}`);
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`the viewer answered ${answer.status}`);
    return answer.json();
  }
  return {
    query: (wanted, offset, limit) => ask("api/answers", { ...wanted, offset, limit }),
    item: (id) => ask("api/item", { id }),
    flips: (a, b) => ask("api/flips", { a, b }),
    progress: () => ask("api/progress", {}),
  };
}
