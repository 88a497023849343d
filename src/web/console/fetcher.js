// Sends requests to `/graphql`. Subscriptions come as server-sent events: unlike a WebSocket, they carry the request
// headers, and `connect-src 'self'` allows them in every browser.

import { getOperationAST } from "graphql";
import { createClient } from "graphql-sse";

const url = "/graphql";

async function ask(request, headers) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

/** An observable. The client does not reconnect: it would begin at the first `after` again. */
function follow(request, headers) {
  const client = createClient({ url, headers, retryAttempts: 0 });
  return {
    subscribe: (sink) => ({
      unsubscribe: client.subscribe(request, {
        ...sink,
        // A refusal has a body that says why.
        error: async (fault) => {
          const refusal = await fault.response?.json().catch(() => undefined);
          if (refusal === undefined) return sink.error(fault);
          sink.next(refusal);
          sink.complete();
        },
      }),
    }),
  };
}

export function fetcher(request, { headers, documentAST } = {}) {
  const operation = documentAST && getOperationAST(documentAST, request.operationName);
  return operation?.operation === "subscription" ? follow(request, headers) : ask(request, headers);
}
