//! A language model that fails three times in ten, in every way that providers do.

use std::time::Duration;

use rand::{Rng, rngs::StdRng};

use crate::harness::upstream::{Move, Upstream, answer, error, finishes, head, says, streaming};

/// What it answers when it does.
const PIECES: [&str; 3] =
    ["By default all data is stored in one ", "SQLite file in the folder data on your ", "own computer [1]."];

/// The endpoint, for so many requests; after those it fails no more.
pub(crate) async fn failing(requests: usize, random: &mut StdRng) -> Upstream {
    let mut scripts: Vec<Vec<Move>> =
        (0..requests).map(|_| if random.random_bool(0.3) { fault(random) } else { answer(&PIECES) }).collect();
    scripts.push(answer(&PIECES));
    Upstream::start(scripts).await
}

fn fault(random: &mut StdRng) -> Vec<Move> {
    let begun = || vec![streaming(), says(PIECES[0]), says(PIECES[1])];
    let and = |mut moves: Vec<Move>, more: Vec<Move>| {
        moves.extend(more);
        moves
    };
    match random.random_range(0..9) {
        0 => error(500, &[]),
        1 => error(503, &[("retry-after", "1")]),
        2 => error(429, &[("retry-after", "1")]),
        // Broken off: in the middle, before the first word, before the headers.
        3 => begun(),
        4 => vec![streaming()],
        5 => Vec::new(),
        // It ends as streams end, and never says why.
        6 => and(begun(), vec![Move::Body("data: [DONE]\n\n".into()), Move::End]),
        7 => and(begun(), vec![Move::Body("data: {\"choices\": [{\n\n".into()), finishes("stop"), Move::End]),
        _ => vec![head(200, "text/html", &[]), Move::Body("<html>".into()), Move::End],
    }
}

/// How long to wait between two kills.
pub(crate) const BETWEEN: Duration = Duration::from_secs(3);
