//! The golden set: real questions over the seeded knowledge, in every language, on both stores.

use std::collections::BTreeMap;

use serde_json::json;

use crate::harness::{app::Office, on_both_stores};

const QUESTIONS: &str = include_str!("../golden/questions.tsv");

/// What was asked, how often, and how often the answer was right.
#[derive(Default)]
struct Tally {
    answerable: (u32, u32),
    unanswerable: (u32, u32),
}

fn percent((right, all): (u32, u32)) -> u32 {
    right * 100 / all
}

on_both_stores! {
    async fn questions_are_answered_from_the_right_entry_or_refused(store) {
        let office = Office::new(store).start().await;
        let program = office.visitor().without_cookies();
        let (mut tallies, mut wrong) = (BTreeMap::<&str, Tally>::new(), Vec::new());
        for (number, line) in QUESTIONS.lines().filter(|line| !line.starts_with('#')).enumerate() {
            let [locale, title, question] = line.split('\t').collect::<Vec<_>>().try_into().expect("three columns");
            let answer = program.post(json!({"message": question, "session_id": format!("question-{number}")})).await;
            let found = answer.body["sources"][0]["title"].as_str().unwrap_or("-");
            let tally = tallies.entry(locale).or_default();
            let part = if title == "-" { &mut tally.unanswerable } else { &mut tally.answerable };
            part.1 += 1;
            if found == title {
                part.0 += 1;
            } else {
                wrong.push(format!("{locale}: {question}\n    should be: {title}\n    was:       {found}"));
            }
        }
        let (mut answerable, mut unanswerable) = ((0, 0), (0, 0));
        println!("golden set on {store:?}: right entry cited, unanswerable refused");
        for (locale, tally) in &tallies {
            println!("  {locale:6} {}/{}  {}/{}", tally.answerable.0, tally.answerable.1, tally.unanswerable.0, tally.unanswerable.1);
            answerable = (answerable.0 + tally.answerable.0, answerable.1 + tally.answerable.1);
            unanswerable = (unanswerable.0 + tally.unanswerable.0, unanswerable.1 + tally.unanswerable.1);
        }
        println!("  all    {} %  {} %\n{}", percent(answerable), percent(unanswerable), wrong.join("\n"));
        assert_eq!(tallies.len(), 9, "every language is asked in");
        assert!(answerable.1 + unanswerable.1 >= 160);
        assert!(percent(answerable) >= 90, "{answerable:?}");
        assert!(percent(unanswerable) >= 95, "{unanswerable:?}");
        office.finish().await;
    }
}
