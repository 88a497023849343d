// GraphiQL, with what the address asks for and examples.

import "graphiql/graphiql.css";
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "./console.css";

import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect } from "react";
import { createRoot } from "react-dom/client";

import changes from "./examples/changes.graphql";
import check from "./examples/check.graphql";
import compare from "./examples/compare.graphql";
import follow from "./examples/follow.graphql";
import parties from "./examples/parties.graphql";
import search from "./examples/search.graphql";
import status from "./examples/status.graphql";
import { fetcher } from "./fetcher.js";
import { storage } from "./storage.js";

globalThis.MonacoEnvironment = {
  getWorker: (_, name) => new Worker(new URL("worker.js", import.meta.url), { type: "module", name }),
};

const examples = [status, parties, search, changes, follow, compare, check].map((query) => ({ query }));

/** The request in the address: `?query=…&variables=…&operationName=…`, or the same after `#`, which no server sees. */
function linked() {
  const given = new URLSearchParams([
    ...new URLSearchParams(location.search),
    ...new URLSearchParams(location.hash.slice(1)),
  ]);
  const query = given.get("query");
  return query && { query, variables: given.get("variables") ?? "", operationName: given.get("operationName") };
}

/** Puts the cursor on the named operation: of several, GraphiQL runs the one with the cursor. */
function useCursorOn(operationName) {
  const { queryEditor, operations } = useGraphiQL(({ queryEditor, operations }) => ({ queryEditor, operations }));
  const isReady = Boolean(queryEditor && operations);
  useEffect(() => {
    const start = isReady && operations.find(({ name }) => name && name.value === operationName)?.loc.start;
    if (Number.isInteger(start)) {
      const position = queryEditor.getModel().getPositionAt(start);
      queryEditor.setPosition(position);
      queryEditor.revealLineNearTop(position.lineNumber);
    }
  }, [isReady]);
}

/** The editors follow a change between light and dark, as the rest of the page does by itself. */
function useSystemTheme() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const isDark = matchMedia("(prefers-color-scheme: dark)");
    const change = () => setTheme(theme);
    isDark.addEventListener("change", change);
    return () => isDark.removeEventListener("change", change);
  }, [theme]);
}

function Home({ operationName }) {
  useCursorOn(operationName);
  useSystemTheme();
  return <a className="graphiql-logo-link" href="/">cyberprofiles</a>;
}

const link = linked();
createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    defaultTabs={link ? [link, ...examples] : examples}
    initialQuery={link?.query}
    initialVariables={link?.variables}
    inputValueDeprecation
    shouldPersistHeaders
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      <Home operationName={link?.operationName} />
    </GraphiQL.Logo>
  </GraphiQL>,
);
