// Starts GraphiQL. What is typed into the header editor (a bearer token) is not kept.
const first = `# Who is signed in sees more. Put into “Headers” below:
#   {"Authorization": "Bearer …"}
# with the token that POST /api/auth/login gives.
{
  systemStatus {
    version
    ready
  }
  pricebook {
    number
    plans {
      name
      listPrice {
        amount
        currency
      }
      credits
    }
  }
}
`;

const answer = GraphiQL.createFetcher({ url: "/graphql" });

// Whether an operation is listened to.
function listens(params, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter((part) => part.kind === "OperationDefinition");
  const meant = params.operationName ? operations.find((part) => part.name?.value === params.operationName) : operations[0];
  return meant?.operation === "subscription";
}

// Listens by events over the same route, so that the headers typed below count here too.
async function* listen(params, headers) {
  const stop = new AbortController();
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
      body: JSON.stringify(params),
      signal: stop.signal,
    });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      yield await response.json();
      return;
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) {
        const lines = event.split("\n");
        if (lines.includes("event: complete")) return;
        const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
        if (data.length > 0) yield JSON.parse(data.join("\n"));
      }
    }
  } finally {
    stop.abort();
  }
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: (params, options) => (listens(params, options) ? listen(params, options?.headers) : answer(params, options)),
    defaultQuery: first,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  }),
);
