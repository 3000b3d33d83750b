// The address after # says what is shown, so every view can be shared: #/item/ID, #/answers?q=…, #/compare?a=0&b=1.
function parseRoute() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  const parameters = Object.fromEntries(new URLSearchParams(query));
  if (path.startsWith("/item/")) {
    try {
      return { view: "item", id: decodeURIComponent(path.slice(6)), parameters };
    } catch {
      return { view: "item", id: path.slice(6), parameters };
    }
  }
  return { view: path.startsWith("/") ? path.slice(1) : "", parameters };
}

const itemLink = (id) => `#/item/${encodeURIComponent(id)}`;

function routeTo(view, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== "" && value !== undefined && value !== "0");
  const query = new URLSearchParams(given).toString();
  history.replaceState(null, "", `#/${view}${query ? `?${query}` : ""}`);
}
