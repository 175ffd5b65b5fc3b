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
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "/graphql" }),
    defaultQuery: first,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  }),
);
