//! `POST /api/chat/session` and `POST /api/chat/message`: where operators speak. Whoever is not signed in is told where strangers do.
//! There is nothing behind these doors yet, and who is signed in is told that.

use axum::extract::State;

use crate::{
    Api,
    caller::{self, Incoming},
    problem::Problem,
    signed_in,
};

/// Handles both routes.
pub(crate) async fn speak(State(api): State<Api>, incoming: Incoming) -> Result<(), Problem> {
    match caller::signed_in_if_any(&incoming, &api, true).await? {
        None => Err(signed_in::not_signed_in(
            "This is where operators speak, and needs a session or an API key. Visitors talk to the assistant with `POST /api/chat`, without signing in.",
        )),
        Some(_) => Err(Problem::new("not_found", "Operators cannot speak here yet; `POST /api/chat` answers visitors.")),
    }
}
