// Keeps the state of GraphiQL. Tabs, history and theme are in localStorage and outlast a visit. Request headers may
// contain a token: they are in sessionStorage alone, and end with the tab of the browser.

/** The open documents. Each tab of the browser has its own; the last one saved is where a new tab begins. */
const DOCUMENTS = new Set(["tabState", "query", "variables", "headers"].map(named));
/** The JSON that has request headers among other members. */
const LISTS = new Set(["tabState", "queries", "favorites"].map(named));

function named(key) {
  return `graphiql:${key}`;
}

function withoutHeaders(key, value) {
  if (value === null || key === named("headers")) return null;
  if (!LISTS.has(key)) return value;
  try {
    return JSON.stringify(JSON.parse(value, (name, member) => (name === "headers" ? null : member)));
  } catch {
    return null;
  }
}

function put(place, key, value) {
  if (value === null) place.removeItem(key);
  else place.setItem(key, value);
}

export const storage = {
  getItem(key) {
    return (DOCUMENTS.has(key) ? sessionStorage.getItem(key) : null) ?? localStorage.getItem(key);
  },
  setItem(key, value) {
    if (DOCUMENTS.has(key)) sessionStorage.setItem(key, value);
    put(localStorage, key, withoutHeaders(key, value));
  },
  removeItem(key) {
    sessionStorage.removeItem(key);
    localStorage.removeItem(key);
  },
  get length() {
    return localStorage.length;
  },
  clear() {
    for (const place of [sessionStorage, localStorage]) {
      for (const key of Object.keys(place)) if (key.startsWith(named(""))) place.removeItem(key);
    }
  },
};

// Another console on this origin may have left headers there.
for (const key of [...DOCUMENTS, ...LISTS]) put(localStorage, key, withoutHeaders(key, localStorage.getItem(key)));
