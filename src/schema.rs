//! `frontoffice schema`: the published schema of GraphQL.

/// Prints the schema.
pub(crate) fn run() {
    crate::print(frontoffice_graphql::sdl().trim_end());
}
